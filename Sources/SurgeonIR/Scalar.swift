/// A Swift type whose memory layout is that of a tensor element.
public protocol Scalar: BitwiseCopyable, Sendable {
  static var elementType: ElementType { get }
}

extension Float: Scalar { public static var elementType: ElementType { .float32 } }
extension Double: Scalar { public static var elementType: ElementType { .float64 } }
extension Int8: Scalar { public static var elementType: ElementType { .int8 } }
extension Int16: Scalar { public static var elementType: ElementType { .int16 } }
extension Int32: Scalar { public static var elementType: ElementType { .int32 } }
extension Int64: Scalar { public static var elementType: ElementType { .int64 } }
extension UInt8: Scalar { public static var elementType: ElementType { .uint8 } }
extension UInt16: Scalar { public static var elementType: ElementType { .uint16 } }
extension UInt32: Scalar { public static var elementType: ElementType { .uint32 } }
extension UInt64: Scalar { public static var elementType: ElementType { .uint64 } }
extension Bool: Scalar { public static var elementType: ElementType { .bool } }

extension Tensor {
  /// A tensor of `elements` in row-major order; their number must fit `shape`.
  public init<T: Scalar>(_ elements: [T], shape: [Int]) {
    precondition(shape.reduce(1, *) == elements.count)
    self.init(
      elementType: T.elementType, shape: shape,
      bytes: elements.withUnsafeBytes { TensorBytes(copying: $0) })
  }

  /// A tensor of rank 1.
  public init<T: Scalar>(_ elements: [T]) { self.init(elements, shape: [elements.count]) }

  /// A tensor of rank 0.
  public init<T: Scalar>(scalar: T) { self.init([scalar], shape: []) }

  /// The elements as they are stored; nil where `T` is not the element type.
  public func elements<T: Scalar>(as type: T.Type = T.self) throws(SurgeonError) -> [T]? {
    guard elementType == T.elementType else { return nil }
    let bytes = try bytes()
    let count = count
    guard bytes.count >= count * MemoryLayout<T>.stride else {
      throw SurgeonError(
        .invalidData, "a tensor has \(bytes.count) bytes where \(count) elements were declared")
    }
    return [T](unsafeUninitializedCapacity: count) { buffer, initialized in
      bytes.withUnsafeBytes { source in
        let target = UnsafeMutableRawBufferPointer(buffer)
        target.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source[..<(count * MemoryLayout<T>.stride)]))
        // A file may write true as any number; a Bool in memory is 0 or 1.
        if elementType == .bool {
          for index in target.indices where target[index] != 0 { target[index] = 1 }
        }
      }
      initialized = count
    }
  }

  /// The elements of a real floating-point tensor (float16, bfloat16, float32, float64) in
  /// Float64; nil for every other type. A tensor that was computed gives the numbers as they were
  /// before rounding, so that a chain of computations rounds once.
  public func float64Elements() throws(SurgeonError) -> [Double]? {
    if case .deferred(let source) = storage, let numbers = source.unroundedNumbers {
      return numbers
    }
    switch elementType {
    case .float64: return try elements(as: Double.self)
    case .float32: return try elements(as: Float.self)?.map(Double.init)
    case .float16, .bfloat16:
      let isBrain = elementType == .bfloat16
      return try halfPatterns().map {
        Double(isBrain ? HalfPrecision.bfloat16($0) : HalfPrecision.float16($0))
      }
    default: return nil
    }
  }

  /// A tensor of type `elementType` from Float64 numbers, each rounded once, to nearest even.
  ///
  /// Defined for float16, bfloat16, float32 and float64; any other type is a programmer's mistake.
  public init(rounding numbers: [Double], to elementType: ElementType, shape: [Int]) {
    switch elementType {
    case .float64: self.init(numbers, shape: shape)
    case .float32: self.init(numbers.map { Float($0) }, shape: shape)
    case .float16, .bfloat16:
      let isBrain = elementType == .bfloat16
      let patterns = numbers.map {
        isBrain ? HalfPrecision.bfloat16Pattern($0) : HalfPrecision.float16Pattern($0)
      }
      self.init(
        elementType: elementType, shape: shape,
        bytes: patterns.withUnsafeBytes { TensorBytes(copying: $0) })
    default: preconditionFailure("\(elementType.name) is not a type that numbers are rounded to")
    }
  }

  /// The elements of an integer or Boolean tensor; nil for every other type and for a UInt64 that
  /// does not fit.
  public func intElements() throws(SurgeonError) -> [Int]? {
    switch elementType {
    case .int64: try elements(as: Int64.self)?.map(Int.init)
    case .int32: try elements(as: Int32.self)?.map(Int.init)
    case .int16: try elements(as: Int16.self)?.map(Int.init)
    case .int8: try elements(as: Int8.self)?.map(Int.init)
    case .uint8: try elements(as: UInt8.self)?.map(Int.init)
    case .uint16: try elements(as: UInt16.self)?.map(Int.init)
    case .uint32: try elements(as: UInt32.self)?.map(Int.init)
    case .uint64:
      try elements(as: UInt64.self).flatMap { numbers in
        let fitting = numbers.compactMap(Int.init(exactly:))
        return fitting.count == numbers.count ? fitting : nil
      }
    case .bool: try elements(as: Bool.self)?.map { $0 ? 1 : 0 }
    default: nil
    }
  }

  /// The elements of a real floating-point, integer or Boolean tensor in Float64; nil for every
  /// other type and for a UInt64 that does not fit an Int.
  package func realNumbers() throws(SurgeonError) -> [Double]? {
    if let numbers = try float64Elements() { return numbers }
    return try intElements()?.map(Double.init)
  }

  private func halfPatterns() throws(SurgeonError) -> [UInt16] {
    let reinterpreted = Tensor(elementType: .uint16, shape: shape, storage: storage)
    return try reinterpreted.elements(as: UInt16.self) ?? []
  }
}
