public import SurgeonIR

/// Inputs drawn by seed, the same on every platform.
///
/// - Floating-point elements are normal with mean 0 and variance 1; 8-bit ones are any number
///   below 2 in magnitude.
/// - Integers of 8 bits and fewer are uniform over their range (pixels, quantised values); wider
///   ones are 0, 1, 2 or 3, so that they do as indices and as counts.
/// - Booleans are fair coins; strings are `a` to `z`.
/// - A sequence has two elements, an optional is present.
/// - A leading dimension that nothing fixes is 1; any other is 64.
///
/// Inputs that have a default in the model keep it. The numbers of a sample depend on the seed, the
/// sample's index and the input's position only.
public struct RandomInputs: SampleSource, Sendable {
  /// The size of a free dimension that is not the leading one.
  public static let freeSize = 64

  public let count: Int
  private let inputs: [ModelInput]
  private let options: DataOptions
  private let seed: UInt64

  /// - Throws: `invalidData` where an input's type cannot be drawn: a map, an opaque or unknown
  ///   type, a tensor of unknown rank.
  public init(
    for model: borrowing Model, samples: Int = 1, seed: UInt64 = 0,
    options: DataOptions = DataOptions()
  ) throws(SurgeonError) {
    try self.init(
      inputs: ModelInput.all(of: model), samples: samples, seed: seed, options: options)
  }

  /// The same for a list of inputs.
  public init(
    inputs: [ModelInput], samples: Int = 1, seed: UInt64 = 0, options: DataOptions = DataOptions()
  ) throws(SurgeonError) {
    self.inputs = inputs.filter { !$0.hasDefault }
    self.options = options
    self.seed = seed
    count = samples
    for input in self.inputs { try check(input.type, of: input) }
  }

  public func sample(_ index: Int) throws(SurgeonError) -> [String: Datum] {
    precondition(index >= 0 && index < count)
    var result: [String: Datum] = [:]
    for (position, input) in inputs.enumerated() {
      guard let type = input.type else { continue }
      var streams = RandomGenerator(seed: seed)
      let key = streams.next() &+ UInt64(index) << 20 &+ UInt64(position)
      var generator = RandomGenerator(seed: key)
      result[input.name] = draw(type, &generator)
    }
    return result
  }

  private func check(_ type: ValueType?, of input: ModelInput) throws(SurgeonError) {
    let obstacle: String
    switch type?.kind {
    case .tensor(let element, .some) where element != .undefined: return
    case .sequence(let element), .optional(let element): return try check(element, of: input)
    case .tensor(.undefined, _): obstacle = "its element type is not recorded"
    case .tensor: obstacle = "its rank is not recorded"
    case .sparseTensor: obstacle = "it is a sparse tensor"
    case .map: obstacle = "it is a map"
    case .opaque, .unspecified, nil: obstacle = "its type is not recorded"
    }
    throw SurgeonError(
      .invalidData, "no random data can be made for input '\(input.name)'", detail: obstacle,
      hint: "give data with --inputs")
  }

  private func draw(_ type: ValueType, _ generator: inout RandomGenerator) -> Datum {
    switch type.kind {
    case .tensor(let element, let shape):
      let sizes = (shape ?? Shape([Int]())).dimensions.enumerated().map { axis, dimension in
        dimension.size(with: options.dimensions)
          ?? (axis == 0 ? options.batchSize ?? 1 : Self.freeSize)
      }
      return .tensor(Self.tensor(element, sizes, &generator))
    case .sequence(let element):
      let elements = [draw(element, &generator), draw(element, &generator)]
      return .sequence(elements, elementType: element)
    case .optional(let element):
      return .optional(draw(element, &generator), elementType: element)
    case .sparseTensor, .map, .opaque, .unspecified:
      preconditionFailure("init has checked the types")
    }
  }

  private static func tensor(
    _ type: ElementType, _ shape: [Int], _ generator: inout RandomGenerator
  ) -> Tensor {
    let count = shape.reduce(1, *)
    func integers<T: Scalar & FixedWidthInteger>(_: T.Type) -> Tensor {
      Tensor((0..<count).map { _ in T(truncatingIfNeeded: generator.next() >> 62) }, shape: shape)
    }
    switch type {
    case .float32, .float64, .float16, .bfloat16:
      let numbers = (0..<count).map { _ in generator.nextNormal() }
      return Tensor(rounding: numbers, to: type, shape: shape)
    case .complex64:
      let parts = (0..<2 * count).map { _ in Float(generator.nextNormal()) }
      return Tensor(parts).recast(to: type, shape)
    case .complex128:
      let parts = (0..<2 * count).map { _ in generator.nextNormal() }
      return Tensor(parts).recast(to: type, shape)
    case .int16: return integers(Int16.self)
    case .uint16: return integers(UInt16.self)
    case .int32: return integers(Int32.self)
    case .uint32: return integers(UInt32.self)
    case .int64: return integers(Int64.self)
    case .uint64: return integers(UInt64.self)
    case .bool: return Tensor((0..<count).map { _ in generator.next() >> 63 == 1 }, shape: shape)
    case .string:
      let letters = (0..<count).map { _ in
        [UInt8(ascii: "a") + UInt8((generator.next() >> 32) % 26)]
      }
      return Tensor(elementType: .string, shape: shape, storage: .strings(letters))
    case .uint8, .int8, .uint4, .int4, .uint2, .int2, .float4e2m1, .float6e2m3, .float6e3m2,
      .float8e4m3fn, .float8e4m3fnuz,
      .float8e5m2, .float8e5m2fnuz, .float8e8m0, .undefined:
      let bytes = (0..<(type.byteCount(of: count) ?? 0)).map { _ in
        UInt8(truncatingIfNeeded: generator.next() >> 56)
      }
      return Tensor(
        elementType: type, shape: shape, bytes: TensorBytes(bytes.map { finite($0, type) }))
    }
  }

  /// A pattern of an 8-bit floating-point type that is neither infinite nor no number: with the
  /// exponent's highest bit cleared it is below 2 in magnitude, and the lowest bit set keeps it from
  /// being a negative zero, which some of the types use for no number.
  private static func finite(_ pattern: UInt8, _ type: ElementType) -> UInt8 {
    switch type {
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz: pattern & 0xBF | 1
    case .float8e8m0: 0x78 + pattern & 7
    default: pattern
    }
  }
}

extension Tensor {
  /// The bytes of this tensor as elements of another type.
  fileprivate func recast(to type: ElementType, _ shape: [Int]) -> Tensor {
    Tensor(elementType: type, shape: shape, storage: storage)
  }
}
