internal import SurgeonIR

/// A graph, compiled: which kernel reads and writes which slots, in which order, and when each
/// slot is freed. Immutable, and shared by all runs.
final class GraphPlan: Sendable {
  struct Step: Sendable {
    let kernel: any Kernel
    let description: SharedDescription
    let inputs: [Int?]
    let outputs: [Int?]
    /// Slots whose value nobody reads after this step.
    var releases: [Int] = []
    /// For every input whether a kernel may write its result over it: another step computes it and
    /// nobody reads it after this one.
    var consumes: [Bool] = []

    var node: NodeDescription { description.node }

    init(kernel: any Kernel, node: NodeDescription, inputs: [Int?], outputs: [Int?]) {
      self.kernel = kernel
      description = SharedDescription(node)
      self.inputs = inputs
      self.outputs = outputs
    }
  }

  /// A graph input, with the default that stands where the caller gives nothing.
  struct Input: Sendable {
    let name: String
    let slot: Int
    let type: ValueType?
    let defaultValue: Datum?
  }

  /// A graph output, with the type that the file declares.
  struct Output: Sendable {
    let name: String
    let slot: Int
    let value: Value.ID
    let type: ValueType?
  }

  /// A value of the graph around a body that the body reads.
  struct Capture: Sendable {
    let outerSlot: Int
    let slot: Int
  }

  let slotCount: Int
  let inputs: [Input]
  let captures: [Capture]
  let constants: [(slot: Int, value: RuntimeValue)]
  let steps: [Step]
  let outputs: [Output]
  /// The value in each slot, for observers and messages.
  let values: [Value.ID]
  let names: [String]

  init(
    inputs: [Input], captures: [Capture], constants: [(slot: Int, value: RuntimeValue)],
    steps: [Step], outputs: [Output], values: [Value.ID],
    names: [String]
  ) {
    self.slotCount = values.count
    self.inputs = inputs
    self.captures = captures
    self.constants = constants
    self.steps = steps
    self.outputs = outputs
    self.values = values
    self.names = names
  }
}

/// The values of one run of a graph, by slot.
final class Frame: @unchecked Sendable {
  // Unchecked: a frame belongs to one run, which is sequential.
  var values: [RuntimeValue?]
  /// Who watches the bodies and functions that the graph's nodes run; nil: nobody.
  var bodyObserver: RunObserver?

  init(_ plan: GraphPlan) {
    values = Array(repeating: nil, count: plan.slotCount)
    for (slot, value) in plan.constants { values[slot] = value }
  }
}
