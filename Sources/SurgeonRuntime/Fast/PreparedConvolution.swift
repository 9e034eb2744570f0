internal import SurgeonIR

/// A convolution made ready for values of one shape: what is left to a call is to allocate the
/// result and to execute.
final class PreparedConvolution: Sendable {
  struct Entry {
    let primitive: Primitive
    let outputShape: [Int]
    let threads: ThreadPlan
    /// Dimensions of the weights as the primitive sees them.
    let filterShape: [Int]
    /// Nil where a call brings the weights.
    var weights: ConstantWeights?
    /// How many of the operations the primitive does.
    var postCount = 0
  }

  let inputShape: [Int]
  private let entry: Entry
  private let outputStrides: [Int]
  private let kind: PackedWeights.Kind
  /// True where a call brings a bias that is no constant.
  private let takesBias: Bool
  private let bias: StridedTensor?
  private let operations: PreparedOperations

  /// - Parameters:
  ///   - takesBias: true where the third input of a call is the bias.
  ///   - bias: the bias where it is known before.
  init(
    _ entry: Entry, inputShape: [Int], kind: PackedWeights.Kind, takesBias: Bool,
    bias: StridedTensor?, operations: PreparedOperations
  ) {
    self.entry = entry
    self.inputShape = inputShape
    self.kind = kind
    self.takesBias = takesBias
    self.bias = bias
    self.operations = operations
    outputStrides = Arrangement.channelsLast.strides(for: entry.outputShape)
  }

  /// The result, or nil where the reference engine has to compute it.
  func convolve(_ x: StridedTensor, _ call: KernelCall) throws(SurgeonError) -> StridedTensor? {
    var bias = bias
    if takesBias {
      guard let given = try call.strided(2, .rowMajor), given.count == entry.outputShape[1] else {
        return nil
      }
      bias = given
    }
    var packed = try entry.weights?.packed(call.context)
    if packed == nil, let weights = try call.strided(1, .rowMajor) {
      packed = try PackedWeights(
        weights, shape: entry.filterShape, for: entry.primitive, as: kind, call.context)
    }
    guard let packed, let operands = try operations.postOperands(call) else { return nil }
    let source = try x.arranged(.channelsLast)
    let y = try StridedTensor(shape: entry.outputShape, strides: outputStrides, call.context)
    var addresses = [source.address, packed.address]
    if let bias { addresses.append(bias.address) }
    addresses.append(y.address)
    for operand in operands { addresses.append(operand.address) }
    let scratch = try entry.primitive.scratch(call.context)
    OneDNN.use(threads: entry.threads.planned)
    // The addresses do not keep what they point to alive.
    let status = withExtendedLifetime((source, packed, bias, y, operands)) {
      entry.primitive.execute(addresses, atMost: entry.threads.limit, scratch: scratch)
    }
    try entry.primitive.check(status)
    return try operations.finish(y, call)
  }
}

/// The elementwise operations after a convolution: some are done by the primitive, the rest in a
/// pass of their own.
struct PreparedOperations: Sendable {
  private let shape: [Int]
  /// Where the second operands of what the primitive does come from.
  private let postSlots: [Int]
  private let rest: [FusedOperation]
  /// The rest where no operand is to come; nil where there is no rest, too.
  private let constantRest: ElementwiseChain?

  /// - Parameters:
  ///   - shape: of the result.
  ///   - postCount: how many the primitive does.
  /// - Returns: nil where a constant does not fit the shape.
  init?(
    _ operations: [FusedOperation], shape: [Int], postCount: Int, _ context: ExecutionContext
  ) throws(SurgeonError) {
    self.shape = shape
    postSlots = operations[..<postCount].compactMap(\.slot)
    rest = Array(operations[postCount...])
    guard !rest.isEmpty, rest.allSatisfy({ $0.slot == nil }) else {
      constantRest = nil
      return
    }
    guard let chain = try ElementwiseChain(rest, shape: shape, context) else { return nil }
    constantRest = chain
  }

  /// The second operands of what the primitive does; nil where one does not fit.
  func postOperands(_ call: KernelCall) throws(SurgeonError) -> [StridedTensor]? {
    var operands: [StridedTensor] = []
    for slot in postSlots {
      guard let operand = try call.strided(slot), operand.shape == shape else { return nil }
      operands.append(try operand.arranged(.channelsLast))
    }
    return operands
  }

  /// The result of the primitive with the rest done to it; nil where an operand does not fit.
  func finish(_ y: StridedTensor, _ call: KernelCall) throws(SurgeonError) -> StridedTensor? {
    guard !rest.isEmpty else { return y }
    var chain = constantRest
    if chain == nil { chain = try ElementwiseChain(rest, shape: shape, call) }
    return try chain?.run(y, shape: shape, .channelsLast, call.context, into: y)
  }
}
