internal import SurgeonIR

/// A graph, compiled: which kernel reads and writes which slots, in which order, and when each
/// slot is freed. Immutable, and shared by all runs.
final class GraphPlan: Sendable {
  /// A reference: every run goes through all steps, and a copy of one would touch half a dozen
  /// reference counts.
  final class Step: Sendable {
    let kernel: any Kernel
    let description: SharedDescription
    let inputs: [Int?]
    let outputs: [Int?]
    /// Slots whose value nobody reads after this step.
    let releases: [Int]
    /// For every input whether a kernel may write its result over it: another step computes it and
    /// nobody reads it after this one.
    let consumes: [Bool]
    /// The slot of the step's only output, where its only reader may write over it; nil where others read
    /// it, who may hand its memory on.
    let lentOutput: Int?

    var node: NodeDescription { description.node }

    init(
      kernel: any Kernel, description: SharedDescription, inputs: [Int?], outputs: [Int?]
    ) {
      self.kernel = kernel
      self.description = description
      self.inputs = inputs
      self.outputs = outputs
      releases = []
      consumes = []
      lentOutput = nil
    }

    /// The same step with what follows from its place among all.
    init(_ step: Step, releases: [Int], consumes: [Bool], lentOutput: Int?) {
      kernel = step.kernel
      description = step.description
      inputs = step.inputs
      outputs = step.outputs
      self.releases = releases
      self.consumes = consumes
      self.lentOutput = lentOutput
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

  let inputs: [Input]
  let captures: [Capture]
  /// What a run begins with: the constants, by slot.
  let constants: [RuntimeValue?]
  let steps: [Step]
  let outputs: [Output]
  /// Where nodes whose statistics are not known yet find what they do to each channel (`AwaitingRun`).
  let awaited: [Node.ID: AwaitedNormalization.Slots]
  private let awaitedSlots: Set<Int>
  /// The value in each slot, for observers and messages.
  let values: [Value.ID]
  let names: [String]

  init(
    inputs: [Input], captures: [Capture], constants: [(slot: Int, value: RuntimeValue)],
    steps: [Step], outputs: [Output], awaited: [Node.ID: AwaitedNormalization.Slots],
    values: [Value.ID], names: [String]
  ) {
    self.inputs = inputs
    self.captures = captures
    var initial: [RuntimeValue?] = Array(repeating: nil, count: values.count)
    for (slot, value) in constants { initial[slot] = value }
    self.constants = initial
    self.steps = steps
    self.outputs = outputs
    self.awaited = awaited
    awaitedSlots = Set(awaited.values.flatMap { [$0.factors, $0.summands] })
    self.values = values
    self.names = names
  }

  /// True where a run is given what stands in `slot` on its way.
  func isAwaited(_ slot: Int) -> Bool { awaitedSlots.contains(slot) }

  /// Takes pages of the model's file out of memory that planning has brought there: the system maps a
  /// large page around every byte that is read, so that a few small constants bring the weights with
  /// them.
  func discardConstantPages() {
    for case .datum(.tensor(let tensor))? in constants {
      if case .bytes(let bytes) = tensor.storage { bytes.discardPages() }
    }
  }
}

/// The values of one run of a graph, by slot.
final class Frame: @unchecked Sendable {
  // Unchecked: a frame belongs to one run, which is sequential.
  var values: [RuntimeValue?]
  /// By slot, true for a plain tensor whose memory nobody else has: no other slot, no constant, nobody
  /// outside of the run.
  var isExclusive: [Bool]
  /// Who watches the bodies and functions that the graph's nodes run; nil: nobody.
  var bodyObserver: RunObserver?

  init(_ plan: GraphPlan) {
    values = plan.constants
    isExclusive = Array(repeating: false, count: values.count)
  }
}
