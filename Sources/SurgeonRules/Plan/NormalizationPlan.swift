public import SurgeonIR
internal import SurgeonRewrite

/// What is to become of each BatchNormalization: an ordered list, of which the first entry that
/// matches a node decides. A node that none matches is left as it is.
///
///     version = 1
///
///     [[nodes]]
///     match = "/stem/*"
///     to = "groupnorm"
///     groups = 8
///
///     [[nodes]]
///     match = "*"
///     form = "fold"
public struct NormalizationPlan: Sendable, Hashable {
  public struct Entry: Sendable, Hashable {
    /// Globs for names of nodes, or of first outputs where a node has no name. Any of them; none:
    /// every node.
    public var only: [String]
    /// Globs for nodes that `only` is not meant for.
    public var except: [String]
    public var options: NormalizationOptions

    public init(only: [String] = [], except: [String] = [], options: NormalizationOptions) {
      self.only = only
      self.except = except
      self.options = options
    }

    public func matches(_ name: String) -> Bool {
      NameSelection(only: only, except: except).contains(name)
    }
  }

  public var entries: [Entry]

  public init(_ entries: [Entry]) { self.entries = entries }

  /// One set of options for every node.
  public init(_ options: NormalizationOptions) { entries = [Entry(options: options)] }

  public func options(for name: String) -> NormalizationOptions? {
    entries.first { $0.matches(name) }?.options
  }

  /// Reads a plan: JSON where the text starts with a brace, TOML otherwise.
  ///
  /// - Throws: `syntax` with the line, or with the entry and key that are not understood.
  public static func parse(_ text: String) throws(SurgeonError) -> NormalizationPlan {
    let first = text.first { !$0.isWhitespace }
    let document =
      first == "{" ? try PlanValue.parse(json: text) : try PlanValue.parse(toml: text)
    guard document["version"]?.number == 1 else {
      throw SurgeonError(.syntax, "the plan has no 'version = 1'")
    }
    guard let nodes = document["nodes"]?.array else {
      throw SurgeonError(
        .syntax, "the plan has no nodes", hint: "write one [[nodes]] table for each decision")
    }
    var entries: [Entry] = []
    for (index, node) in nodes.enumerated() {
      do {
        entries.append(try PlanCoding.entry(node))
      } catch {
        throw error.within("nodes[\(index)]")
      }
    }
    return NormalizationPlan(entries)
  }

  /// The plan in TOML, as `parse` reads it.
  public var toml: String {
    "version = 1\n"
      + entries.map { entry in
        "\n[[nodes]]\n"
          + PlanCoding.members(entry).map { "\($0.key) = \($0.value.json)\n" }.joined()
      }.joined()
  }

  /// The plan in JSON, as `parse` reads it.
  public var json: String {
    let nodes = entries.map { "    " + PlanValue.table(PlanCoding.members($0)).json }
    return "{\n  \"version\": 1,\n  \"nodes\": [\n" + nodes.joined(separator: ",\n") + "\n  ]\n}\n"
  }
}
