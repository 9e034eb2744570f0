internal import SurgeonIR

/// Where the scale and the zero point of an element stand: one for all, one for each index of an
/// axis, or one for each block along an axis.
struct QuantizationGrid {
  private let size: Int
  private let inner: Int
  private let block: Int
  private let blocks: Int
  private let kind: Kind
  private enum Kind { case tensor, axis, blocked }

  init(_ call: KernelCall, shape: [Int], scale: [Int]) throws(SurgeonError) {
    if scale.reduce(1, *) == 1, scale.count <= 1 {
      (size, inner, block, blocks, kind) = (1, 1, 1, 1, .tensor)
      return
    }
    let axis = try Sizes.axis(call.node.int("axis", default: 1), rank: shape.count)
    size = shape[axis]
    inner = shape[(axis + 1)...].reduce(1, *)
    let blockSize = call.node.int("block_size", default: 0)
    if scale.count == 1, blockSize == 0 {
      guard scale[0] == size else {
        throw call.failure("\(scale[0]) scales do not fit axis \(axis) of size \(size)")
      }
      (block, blocks, kind) = (1, size, .axis)
      return
    }
    block = max(1, blockSize)
    blocks = size / block + (size % block == 0 ? 0 : 1)
    kind = .blocked
    var wanted = shape
    wanted[axis] = blocks
    guard scale == wanted else {
      throw call.failure("scales of shape \(scale) do not fit blocks of \(block) in \(shape)")
    }
  }

  /// The index of the scale for the element at `position`.
  func callAsFunction(_ position: Int) -> Int {
    switch kind {
    case .tensor: 0
    case .axis: position / inner % size
    case .blocked:
      (position / (inner * size) * blocks + position / inner % size / block) * inner
        + position % inner
    }
  }
}

/// Operators on quantised numbers: real = scale (quantised - zero point).
enum Quantization {
  @Sendable static func quantize(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0)
    let scale = try call.tensor(1)
    let zeroPoint = try call.optionalTensor(2)
    let named = try call.node.elementType("output_dtype")
    let type = zeroPoint?.elementType ?? named ?? .uint8
    let grid = try QuantizationGrid(call, shape: x.shape, scale: scale.shape)
    let scales = try scale.doubles()
    let zeros = try zeroPoint?.doubles()
    guard zeros.map({ $0.count == scales.count }) ?? true else {
      throw call.failure("scale and zero point differ in shape")
    }
    // The type of the scale (or the attribute) says in which precision to divide.
    let precision = call.runtimeType(
      try call.node.elementType("precision") ?? scale.elementType)
    let numbers = try x.doubles().enumerated().map { position, value in
      let index = grid(position)
      let quotient = rounded(value / scales[index], to: precision)
      let zero = zeros?[index]
      guard !type.isFloatingPoint else { return zero.map { quotient + $0 } ?? quotient }
      return quotient.rounded(.toNearestOrEven) + (zero ?? 0)
    }
    let saturates = call.node.flag("saturate", default: true)
    return [
      .tensor(try .converting(numbers, to: type, shape: x.shape, saturates: saturates))
    ]
  }

  private static func rounded(_ value: Double, to type: ElementType) -> Double {
    switch type {
    case .float32: Double(Float(value))
    case .float16: Double(HalfPrecision.float16(HalfPrecision.float16Pattern(value)))
    case .bfloat16: Double(HalfPrecision.bfloat16(HalfPrecision.bfloat16Pattern(value)))
    default: value
    }
  }

  @Sendable static func dequantize(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0)
    let scale = try call.tensor(1)
    let grid = try QuantizationGrid(call, shape: x.shape, scale: scale.shape)
    let scales = try scale.doubles()
    let zeros = try call.optionalTensor(2)?.doubles()
    guard zeros.map({ $0.count == scales.count }) ?? true else {
      throw call.failure("scale and zero point differ in shape")
    }
    let numbers = try x.doubles().enumerated().map { position, value in
      let index = grid(position)
      return (value - (zeros?[index] ?? 0)) * scales[index]
    }
    let type = try call.node.elementType("output_dtype").map(call.runtimeType) ?? scale.elementType
    return [.tensor(try .converting(numbers, to: type, shape: x.shape))]
  }

  /// To uint8 with a scale and a zero point that the data give.
  @Sendable static func dynamicallyQuantize(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0)
    let numbers = try x.doubles()
    let low = min(0, numbers.min() ?? 0)
    let high = max(0, numbers.max() ?? 0)
    let isSingle = x.elementType == .float32
    let exact = (high - low) / 255
    let scale = isSingle ? Double(Float(exact)) : exact
    let divisor = scale == 0 ? 1 : scale
    let zero = min(max((-low / divisor).rounded(.toNearestOrEven), 0), 255)
    let codes = numbers.map { number in
      let quotient = isSingle ? Double(Float(number / divisor)) : number / divisor
      return quotient.rounded(.toNearestOrEven) + zero
    }
    return [
      .tensor(try .converting(codes, to: .uint8, shape: x.shape)),
      .tensor(try .converting([scale], to: x.elementType, shape: [])),
      .tensor(Tensor(scalar: UInt8(converting: zero))),
    ]
  }

  // MARK: Products. Integers below 2^53 are exact in Float64, whose products are the fast ones.

  @Sendable static func matMulInteger(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let product = try product(
      call, try centered(call, 0, zero: 2, isLeft: true),
      try centered(call, 1, zero: 3, isLeft: false))
    return [
      .tensor(
        try .truncating(product.doubles().map { Int64($0) }, to: .int32, shape: product.shape))
    ]
  }

  @Sendable static func matMul(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let left = try centered(call, 0, zero: 2, scale: 1, isLeft: true)
    let right = try centered(call, 3, zero: 5, scale: 4, isLeft: false)
    let product = try product(call, left, right)
    return [.tensor(try requantized(call, product, scale: 6, zero: 7))]
  }

  @Sendable static func convInteger(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let x = try centered(call, 0, zero: 2, isLeft: false)
    let weights = try centeredFilters(call, 1, zero: 3)
    let sums = try convolution(call, x, weights, bias: nil)
    return [
      .tensor(try .truncating(sums.doubles().map { Int64($0) }, to: .int32, shape: sums.shape))
    ]
  }

  @Sendable static func conv(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let x = try centered(call, 0, zero: 2, isLeft: false)
    let weights = try centeredFilters(call, 3, zero: 5)
    let bias = try call.optionalTensor(8).map { (bias) throws(SurgeonError) in
      Tensor(try bias.doubles(), shape: bias.shape)
    }
    let sums = try convolution(call, x, weights, bias: bias)
    let inputScale = try call.tensor(1).doubles().first ?? 1
    let filterScales = try call.tensor(4).doubles()
    let channels = sums.shape[1]
    guard filterScales.count == 1 || filterScales.count == channels else {
      throw call.failure("there are \(filterScales.count) scales for \(channels) filters")
    }
    let plane = sums.shape[2...].reduce(1, *)
    let numbers = try sums.doubles().enumerated().map { position, sum in
      let channel = filterScales.count == 1 ? 0 : position / max(plane, 1) % channels
      return sum * inputScale * filterScales[channel]
    }
    return [
      .tensor(
        try requantized(call, Tensor(numbers, shape: sums.shape), scale: 6, zero: 7))
    ]
  }

  /// Input `slot` less its zero point, in Float64, times its scale where one is named. Several of
  /// them belong to the rows of a left factor and to the columns of a right one.
  private static func centered(
    _ call: KernelCall, _ slot: Int, zero: Int, scale: Int? = nil, isLeft: Bool
  ) throws(SurgeonError) -> Tensor {
    let tensor = try call.tensor(slot)
    func parameter(_ slot: Int?) throws(SurgeonError) -> Tensor? {
      guard let slot, let given = try call.optionalTensor(slot) else { return nil }
      let numbers = Tensor(try given.doubles(), shape: given.shape)
      let isRowVector = isLeft && given.shape.count == 1 && given.count > 1
      return isRowVector ? numbers.reshaped([given.count, 1]) : numbers
    }
    var result = Tensor(try tensor.doubles(), shape: tensor.shape)
    if let zeros = try parameter(zero) {
      result = try inShape(
        tensor, call.combine(result, zeros, as: .float64) { (a: Double, b: Double) in a - b }, call)
    }
    if let scales = try parameter(scale) {
      result = try inShape(
        tensor, call.combine(result, scales, as: .float64) { (a: Double, b: Double) in a * b }, call
      )
    }
    return result
  }

  private static func inShape(
    _ tensor: Tensor, _ datum: Datum, _ call: KernelCall
  ) throws(SurgeonError) -> Tensor {
    guard case .tensor(let result) = datum, result.shape == tensor.shape else {
      throw call.failure("a scale or zero point does not fit the shape \(tensor.shape)")
    }
    return result
  }

  /// Filters less their zero points, one for all or one for each.
  private static func centeredFilters(
    _ call: KernelCall, _ slot: Int, zero: Int
  ) throws(SurgeonError) -> Tensor {
    let tensor = try call.tensor(slot)
    let zeros = try call.optionalTensor(zero)?.doubles() ?? [0]
    let filters = tensor.shape.first ?? 1
    guard zeros.count == 1 || zeros.count == filters else {
      throw call.failure("there are \(zeros.count) zero points for \(filters) filters")
    }
    let length = max(tensor.count / max(filters, 1), 1)
    let numbers = try tensor.doubles().enumerated().map { position, value in
      value - zeros[zeros.count == 1 ? 0 : position / length]
    }
    return Tensor(numbers, shape: tensor.shape)
  }

  private static func product(
    _ call: KernelCall, _ left: Tensor, _ right: Tensor
  ) throws(SurgeonError) -> Tensor {
    guard case .tensor(let product) = try MatMul.product(left, right, call, as: Double.self) else {
      throw call.failure("the factors do not multiply")
    }
    return product
  }

  private static func convolution(
    _ call: KernelCall, _ x: Tensor, _ weights: Tensor, bias: Tensor?
  ) throws(SurgeonError) -> Tensor {
    let inputs: [RuntimeValue?] = [.tensor(x), .tensor(weights), bias.map { .tensor($0) }]
    guard case .tensor(let sums)? = try Conv.run(call.with(inputs), as: Double.self)[0] else {
      throw call.failure("the convolution has no result")
    }
    return sums
  }

  /// Real numbers in the scale and zero point of the result.
  private static func requantized(
    _ call: KernelCall, _ numbers: Tensor, scale: Int, zero: Int
  ) throws(SurgeonError) -> Tensor {
    let zeroPoint = try call.tensor(zero)
    guard let divisor = try call.tensor(scale).doubles().first,
      let offset = try zeroPoint.doubles().first
    else { throw call.failure("the result's scale or zero point is empty") }
    return try .converting(
      numbers.doubles().map { ($0 / divisor).rounded(.toNearestOrEven) + offset },
      to: zeroPoint.elementType, shape: numbers.shape)
  }
}
