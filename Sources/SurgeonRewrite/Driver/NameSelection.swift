public import SurgeonIR

/// Nodes chosen by name, as `--only` and `--except` do; a node without a name goes by the name of its
/// first output.
public struct NameSelection: Sendable {
  public var only: [String]
  public var except: [String]

  /// - Parameters:
  ///   - only: globs, of which one must match; none: every node.
  ///   - except: globs, of which none may match.
  public init(only: [String] = [], except: [String] = []) {
    self.only = only
    self.except = except
  }

  public static var all: NameSelection { NameSelection() }

  public func contains(_ name: String) -> Bool {
    (only.isEmpty || only.contains { Glob.matches(name, $0) })
      && !except.contains { Glob.matches(name, $0) }
  }

  public func contains(_ node: Node.ID, in model: borrowing Model) -> Bool {
    (only.isEmpty && except.isEmpty) || contains(model.label(of: node))
  }
}

/// File-name patterns: `*` is any run of characters, `?` any one, `[a-c]` and `[!a-c]` a set.
///
/// Unlike in a shell, `*` also runs over slashes, which are common in node names.
public enum Glob {
  public static func matches(_ name: String, _ pattern: String) -> Bool {
    matches(Array(name.unicodeScalars)[...], Array(pattern.unicodeScalars)[...])
  }

  /// A pattern that matches one name and no other.
  public static func escaped(_ name: String) -> String {
    name.map { "*?[".contains($0) ? "[\($0)]" : String($0) }.joined()
  }

  /// Greedy with one point to return to: the last star. Linear in practice, quadratic at worst.
  private static func matches(
    _ name: ArraySlice<Unicode.Scalar>, _ pattern: ArraySlice<Unicode.Scalar>
  ) -> Bool {
    var (name, pattern) = (name, pattern)
    var retry: (name: ArraySlice<Unicode.Scalar>, pattern: ArraySlice<Unicode.Scalar>)?
    while true {
      if pattern.first == "*" {
        pattern = pattern.dropFirst()
        retry = (name, pattern)
        continue
      }
      if name.isEmpty && pattern.isEmpty { return true }
      if let character = name.first, let rest = matchOne(character, pattern) {
        name = name.dropFirst()
        pattern = rest
        continue
      }
      guard let last = retry, !last.name.isEmpty else { return false }
      name = last.name.dropFirst()
      pattern = last.pattern
      retry = (name, pattern)
    }
  }

  /// The pattern after its first element, if that matches `character`.
  private static func matchOne(
    _ character: Unicode.Scalar, _ pattern: ArraySlice<Unicode.Scalar>
  ) -> ArraySlice<Unicode.Scalar>? {
    switch pattern.first {
    case nil: return nil
    case "?": return pattern.dropFirst()
    case "[":
      guard let end = pattern.dropFirst(2).firstIndex(of: "]") else {
        return character == "[" ? pattern.dropFirst() : nil
      }
      var set = pattern[(pattern.startIndex + 1)..<end]
      let isNegated = set.first == "!"
      if isNegated { set = set.dropFirst() }
      var isMember = false
      while let low = set.popFirst() {
        if set.first == "-", set.count > 1 {
          isMember = isMember || (low...set[set.startIndex + 1]).contains(character)
          set = set.dropFirst(2)
        } else {
          isMember = isMember || low == character
        }
      }
      return isMember != isNegated ? pattern[(end + 1)...] : nil
    case let literal?: return literal == character ? pattern.dropFirst() : nil
    }
  }
}
