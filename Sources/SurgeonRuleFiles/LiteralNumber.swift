internal import SurgeonIR
internal import SurgeonRewrite

/// A number, or a list of numbers, that stands in a replacement where a value could.
struct LiteralNumber: Sendable {
  private let numbers: [Double]
  private let shape: [Int]
  private let literalType: LiteralType

  init(_ numbers: [Double], shape: [Int], _ type: LiteralType) {
    (self.numbers, self.shape, literalType) = (numbers, shape, type)
  }

  /// The type of the constant that it becomes; nil where it is that of others, and not known.
  func type(_ known: (String) -> ElementType?) -> ElementType? {
    switch literalType {
    case .fixed(let type): return type
    case .like(let names):
      for name in names {
        if let type = known(name), type != .undefined { return type }
      }
      return nil
    }
  }

  /// - Throws: `Decline` where the numbers are none of the type.
  func tensor(_ type: ElementType?) throws(Decline) -> Tensor {
    switch type {
    case .float16?, .bfloat16?, .float32?, .float64?:
      return Tensor(rounding: numbers, to: type ?? .float32, shape: shape)
    case .int64?: return Tensor(try integers(as: Int64.self), shape: shape)
    case .int32?: return Tensor(try integers(as: Int32.self), shape: shape)
    case .int16?: return Tensor(try integers(as: Int16.self), shape: shape)
    case .int8?: return Tensor(try integers(as: Int8.self), shape: shape)
    case .uint64?: return Tensor(try integers(as: UInt64.self), shape: shape)
    case .uint32?: return Tensor(try integers(as: UInt32.self), shape: shape)
    case .uint16?: return Tensor(try integers(as: UInt16.self), shape: shape)
    case .uint8?: return Tensor(try integers(as: UInt8.self), shape: shape)
    case .bool?: return Tensor(try integers(as: UInt8.self).map { $0 != 0 }, shape: shape)
    case let type?: throw Decline("no number \(text) can be made of type \(type.name)")
    case nil:
      throw Decline(
        "the type of the number \(text) in the replacement is not known",
        remedy: "record the types of the inputs in the model")
    }
  }

  private func integers<T: FixedWidthInteger>(as type: T.Type) throws(Decline) -> [T] {
    var result: [T] = []
    for number in numbers {
      guard let integer = T(exactly: number) else {
        throw Decline("the number \(text) of the replacement is none of type \(T.self)")
      }
      result.append(integer)
    }
    return result
  }

  private var text: String { numbers.map { "\($0)" }.joined(separator: ", ") }
}
