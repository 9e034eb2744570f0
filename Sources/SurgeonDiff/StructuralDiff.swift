public import SurgeonIR

/// What differs between two models, found by structure rather than by names.
///
/// Handles of removed things belong to the first model, those of added things to the second.
public struct StructuralDiff: Sendable {
  /// A node that is in both models, but with other attributes, inputs or
  /// outputs.
  public struct NodeChange: Sendable {
    public let before: Node.ID
    public let after: Node.ID
    public var attributes: [AttributeChange] = []
    /// Input slots that read another value now.
    public var inputs: [Int] = []
    /// Output slots that one of the two alone has.
    public var outputs: [Int] = []
    /// Output slots whose recorded types contradict each other, while those of the inputs agree.
    public var types: [Int] = []
  }

  /// A group of nodes whose place another group has taken: the same readers, other operators.
  public struct Replacement: Sendable {
    public var removed: [Node.ID] = []
    public var added: [Node.ID] = []
    /// Nodes in both models that took over the work of removed ones: a convolution with a
    /// normalisation folded into it.
    public var absorbing: [NodePair] = []
  }

  public struct NodePair: Sendable, Hashable {
    public let before: Node.ID
    public let after: Node.ID
  }

  public struct ValuePair: Sendable, Hashable {
    public let before: Value.ID
    public let after: Value.ID
  }

  public let correspondence: Correspondence
  public internal(set) var added: [Node.ID] = []
  public internal(set) var removed: [Node.ID] = []
  public internal(set) var changed: [NodeChange] = []
  public internal(set) var replaced: [Replacement] = []
  /// Counterparts whose names, or whose outputs' names, differ.
  public internal(set) var renamed: [NodePair] = []
  /// Nodes that stand elsewhere in the order of execution than their counterparts.
  public internal(set) var movedCount = 0
  /// Constants in both models with other numbers, another type or another shape.
  public internal(set) var constantsChanged: [ValuePair] = []
  /// Constants that belong to no replacement and have no counterpart.
  public internal(set) var constantsRemoved: [Value.ID] = []
  public internal(set) var constantsAdded: [Value.ID] = []
  /// Differences outside the nodes: graph inputs and outputs, operator sets, metadata.
  public internal(set) var header: [HeaderChange] = []

  /// Compares two models.
  ///
  /// Takes time proportional to the number of nodes plus the bytes of the constants.
  ///
  /// - Throws: what reading a constant throws.
  public init(_ before: Model, _ after: Model) throws(SurgeonError) {
    let functions = try FunctionNames(before, after)
    let matcher = try Matcher(before, functions.after)
    var comparison = try Comparison(before, functions.after, matcher.result)
    self = try comparison.diff()
    header += functions.changes
  }

  init(correspondence: Correspondence) { self.correspondence = correspondence }

  /// True where nothing differs but names and the order of independent nodes.
  public var isSameStructure: Bool {
    added.isEmpty && removed.isEmpty && changed.isEmpty && replaced.isEmpty
      && constantsChanged.isEmpty && constantsAdded.isEmpty && constantsRemoved.isEmpty
      && header.allSatisfy(\.isNameOnly)
  }

  /// True where nothing differs at all.
  public var isIdentical: Bool {
    isSameStructure && renamed.isEmpty && movedCount == 0 && header.isEmpty
  }
}
