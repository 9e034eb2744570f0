public import SurgeonIR

/// A structural difference in words: every handle resolved to a name, every change to text. What the
/// terminal, JSON and HTML show is this.
public struct DiffReport: Sendable {
  public struct NodeLabel: Sendable, Hashable {
    /// The node's name, or that of its first output.
    public var name: String
    public var opType: String
    /// The body or function that the node stands in; nil for the main graph.
    public var place: String?
  }

  public struct Change: Sendable {
    public var subject: String
    /// nil where only the second model has it.
    public var before: String?
    /// nil where only the first model has it.
    public var after: String?
  }

  public struct NodeChange: Sendable {
    public var before: NodeLabel
    public var after: NodeLabel
    public var attributes: [Change]
    /// Each subject is the slot: `input 1`.
    public var inputs: [Change]
    /// Likewise: `output 1`.
    public var outputs: [Change]
    /// Recorded types of outputs: `type of output 0`.
    public var types: [Change]
  }

  public struct Replacement: Sendable {
    public var removed: [NodeLabel]
    public var added: [NodeLabel]
    /// Nodes in both models that took over the work.
    public var absorbing: [NodeLabel]
  }

  public struct Renaming: Sendable {
    public var before: NodeLabel
    public var after: NodeLabel
  }

  public struct ConstantChange: Sendable {
    public var name: String
    public var nameAfter: String
    public var typeBefore: String
    public var typeAfter: String
    /// nil where the shapes differ or the elements are no numbers.
    public var delta: ConstantDelta?
  }

  public struct Constant: Sendable {
    public var name: String
    public var type: String
  }

  public var summary: DiffSummary
  public var isIdentical: Bool
  public var isSameStructure: Bool
  public var replaced: [Replacement]
  public var changed: [NodeChange]
  public var added: [NodeLabel]
  public var removed: [NodeLabel]
  public var renamed: [Renaming]
  public var constantsChanged: [ConstantChange]
  public var constantsAdded: [Constant]
  public var constantsRemoved: [Constant]
  public var header: [HeaderChange]

  /// - Throws: what reading a constant throws.
  public init(_ diff: StructuralDiff, before: Model, after: Model) throws(SurgeonError) {
    summary = DiffSummary(diff, before: before, after: after)
    isIdentical = diff.isIdentical
    isSameStructure = diff.isSameStructure
    let (first, second) = (NodeWords(before), NodeWords(after))
    replaced = diff.replaced.map { group in
      Replacement(
        removed: group.removed.map(first.label), added: group.added.map(second.label),
        absorbing: group.absorbing.map { first.label($0.before) })
    }
    changed = diff.changed.map { change in
      NodeChange(
        before: first.label(change.before), after: second.label(change.after),
        attributes: change.attributes.map {
          Change(
            subject: $0.name, before: $0.before.map { AttributeText.text($0.payload) },
            after: $0.after.map { AttributeText.text($0.payload) })
        },
        inputs: change.inputs.map { slot in
          Change(
            subject: "input \(slot)",
            before: before[change.before].input(slot).map { before[$0].name },
            after: after[change.after].input(slot).map { after[$0].name })
        },
        outputs: change.outputs.map { slot in
          Change(
            subject: "output \(slot)",
            before: before[change.before].output(slot).map { before[$0].name },
            after: after[change.after].output(slot).map { after[$0].name })
        },
        types: change.types.map { slot in
          Change(
            subject: "type of output \(slot)",
            before: before[change.before].output(slot).map {
              HeaderChange.describe(before[$0].type)
            },
            after: after[change.after].output(slot).map { HeaderChange.describe(after[$0].type) })
        })
    }
    added = diff.added.map(second.label)
    removed = diff.removed.map(first.label)
    renamed = diff.renamed.map {
      Renaming(before: first.label($0.before), after: second.label($0.after))
    }
    constantsChanged = []
    for pair in diff.constantsChanged {
      let (x, y) = (before[pair.before], after[pair.after])
      var delta: ConstantDelta?
      if let a = x.initializer, let b = y.initializer { delta = try ConstantDelta(a, b) }
      constantsChanged.append(
        ConstantChange(
          name: x.name, nameAfter: y.name, typeBefore: AttributeText.constantType(x),
          typeAfter: AttributeText.constantType(y), delta: delta))
    }
    constantsAdded = diff.constantsAdded.map {
      Constant(name: after[$0].name, type: AttributeText.constantType(after[$0]))
    }
    constantsRemoved = diff.constantsRemoved.map {
      Constant(name: before[$0].name, type: AttributeText.constantType(before[$0]))
    }
    header = diff.header
  }
}

/// Nodes of one model in words.
struct NodeWords {
  let model: Model

  init(_ model: Model) { self.model = model }

  func label(_ node: Node.ID) -> DiffReport.NodeLabel {
    let record = model[node]
    return DiffReport.NodeLabel(
      name: model.name(of: node) ?? "", opType: record.opType, place: model.place(of: record.graph))
  }
}
