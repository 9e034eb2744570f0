internal import SurgeonIR
internal import Synchronization

/// A convolution with the elementwise operators after it, or a chain of elementwise operators, as
/// one step. Only sessions that ask for optimisation have such steps.
final class FusedKernel: Kernel {
  /// A node that the step stands for, and where its inputs come from.
  struct Part: Sendable {
    enum Input: Sendable {
      case absent
      case input(Int)
      case result(part: Int)
    }

    let kernel: any Kernel
    let node: NodeDescription
    var inputs: [Input]
  }

  private let parts: [Part]
  private let operations: [FusedOperation]
  private let convolution: Mutex<FastConvolution?>

  private let isConvolution: Bool

  init(parts: [Part], convolution: FastConvolution?, operations: [FusedOperation]) {
    self.parts = parts
    self.convolution = Mutex(convolution)
    isConvolution = convolution != nil
    self.operations = operations
  }

  var engineName: String { "oneDNN, fused" }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?] {
    OneDNN.use(threads: call.threads)
    if let result = try fused(call) { return [.layout(result)] }
    return try oneByOne(call)
  }

  private func fused(_ call: KernelCall) throws(SurgeonError) -> StridedTensor? {
    if isConvolution {
      return try convolution.withLock { convolution throws(SurgeonError) in
        try convolution?.convolve(call)
      }
    }
    guard let x = try call.strided(0),
      let chain = try ElementwiseChain(operations, shape: x.shape, call)
    else { return nil }
    let operands = [x] + chain.steps.compactMap(\.operand)
    let arrangement = ElementwiseChain.arrangement(of: operands, shape: x.shape)
    let place = call.place(of: 0, x, shape: x.shape, arrangement)
    return try chain.run(x, shape: x.shape, arrangement, call.context, into: place)
  }

  private func oneByOne(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?] {
    var results: [RuntimeValue?] = []
    for part in parts {
      let inputs = part.inputs.map { input -> RuntimeValue? in
        switch input {
        case .absent: nil
        case .input(let slot): call.inputs[slot]
        case .result(let part): results[part]
        }
      }
      let inner = KernelCall(node: part.node, inputs: inputs, context: call.context)
      results.append(try part.kernel.run(inner).first ?? nil)
    }
    return [results.last ?? nil]
  }
}
