internal import CKernels
internal import SurgeonIR

/// A BatchNormalization whose statistics become known while the network runs.
struct AwaitedNormalization: Kernel {
  /// Where a run has what it is given for a node.
  struct Slots: Sendable {
    let factors: Int
    let summands: Int
  }

  var engineName: String { "fast" }

  /// What the node does, with the inputs that follow its own.
  static let operations = [
    FusedOperation(op: CK_MULTIPLY, operand: .input(1)),
    FusedOperation(op: CK_ADD, operand: .input(2)),
  ]

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?] {
    guard let x = try call.strided(0),
      let chain = try ElementwiseChain(Self.operations, shape: x.shape, call)
    else { throw call.failure("the statistics do not fit what is to be normalised") }
    return [.layout(try call.changed(x, chain.steps))]
  }
}
