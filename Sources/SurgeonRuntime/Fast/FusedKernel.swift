internal import SurgeonIR
internal import Synchronization

/// A convolution or a product with the elementwise operators after it, or a chain of elementwise
/// operators, as one step. Only sessions that ask for optimisation have such steps.
final class FusedKernel: Kernel {
  /// A node that the step stands for, and where its inputs come from.
  struct Part: Sendable {
    enum Input: Sendable {
      case absent
      case constant(Tensor)
      case input(Int)
      case result(part: Int)
    }

    let kernel: any Kernel
    let description: SharedDescription
    var inputs: [Input]

    init(_ step: GraphPlan.Step, inputs: [Input]) {
      kernel = step.kernel
      description = step.description
      self.inputs = inputs
    }
  }

  /// What the parts are together.
  enum Whole: Sendable {
    case convolution(FastConvolution)
    case product(FusedProduct)
    case chain([FusedOperation])
    case excitation(SqueezeExcitation)
  }

  private let parts: [Part]
  /// A convolution keeps what it prepared.
  private let whole: Mutex<Whole>

  init(parts: [Part], whole: Whole) {
    self.parts = parts
    self.whole = Mutex(whole)
  }

  var engineName: String { "fast, fused" }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?] {
    OneDNN.use(threads: call.threads)
    let result = try whole.withLock { whole throws(SurgeonError) in try whole.run(call) }
    if let result { return [.layout(result)] }
    return try oneByOne(call)
  }

  var weightBytes: Int {
    whole.withLock { whole in
      switch whole {
      case .convolution(let convolution): convolution.weightBytes
      case .product(let product): product.weightBytes
      case .chain, .excitation: 0
      }
    }
  }

  func prepare(_ call: KernelCall) {
    try? whole.withLock { whole throws(SurgeonError) in
      switch whole {
      case .convolution(var convolution):
        try convolution.prepare(call)
        whole = .convolution(convolution)
      case .product(var product):
        try product.prepare(call)
        whole = .product(product)
      case .chain, .excitation: break
      }
    }
  }

  private func oneByOne(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?] {
    var results: [RuntimeValue?] = []
    for part in parts {
      let inputs = part.inputs.map { input -> RuntimeValue? in
        switch input {
        case .absent: nil
        case .constant(let tensor): .tensor(tensor)
        case .input(let slot): call.inputs[slot]
        case .result(let part): results[part]
        }
      }
      let inner = KernelCall(
        part.description, inputs: inputs, context: call.context, frame: nil, consumes: [])
      results.append(try part.kernel.run(inner).first ?? nil)
    }
    return [results.last ?? nil]
  }
}

extension FusedKernel.Whole {
  /// The result; nil where only the parts one by one can compute it.
  fileprivate mutating func run(_ call: KernelCall) throws(SurgeonError) -> StridedTensor? {
    switch self {
    case .convolution(var convolution):
      // Two references to what it keeps would make every change a copy.
      self = .chain([])
      defer { self = .convolution(convolution) }
      return try convolution.convolve(call)
    case .product(var product):
      self = .chain([])
      defer { self = .product(product) }
      return try product.multiply(call)
    case .excitation(let excitation): return try excitation.run(call)
    case .chain(let operations):
      guard let x = try call.strided(0),
        let chain = try ElementwiseChain(operations, shape: x.shape, call)
      else { return nil }
      let operands = [x] + chain.steps.compactMap(\.operand)
      let arrangement = ElementwiseChain.arrangement(of: operands, shape: x.shape)
      let place = call.place(of: 0, x, shape: x.shape, arrangement)
      return try chain.run(x, shape: x.shape, arrangement, call.context, into: place)
    }
  }
}
