internal import CKernels
internal import SurgeonIR

/// What multiplications and additions of one number for each channel are together: x factor + summand.
struct ChannelLine<T: BinaryFloatingPoint> {
  let channels: Int
  /// Dimensions of the values that it is done to.
  let rank: Int
  /// Nil where nothing is multiplied.
  private(set) var factors: [T]?
  /// Nil where nothing is added.
  private(set) var summands: [T]?

  init(channels: Int, rank: Int, factors: [T]? = nil, summands: [T]? = nil) {
    self.channels = channels
    self.rank = rank
    self.factors = factors
    self.summands = summands
  }

  /// Takes in what is done next; false where that is anything else.
  mutating func append(_ operation: FusedOperation) -> Bool {
    guard let list = numbers(of: operation) else { return false }
    switch operation.op {
    case CK_MULTIPLY:
      factors = factors.map { zip($0, list).map(*) } ?? list
      summands = summands.map { zip($0, list).map(*) }
    case CK_ADD: summands = summands.map { zip($0, list).map(+) } ?? list
    case CK_SUBTRACT: summands = summands.map { zip($0, list).map(-) } ?? list.map { -$0 }
    default: return false
    }
    return true
  }

  /// The operand as one number for each channel; nil where it is none.
  private func numbers(of operation: FusedOperation) -> [T]? {
    guard case .constant(let tensor)? = operation.operand,
      let numbers = (try? tensor.elements(as: Float.self)) ?? nil
    else { return nil }
    let wanted = [channels] + Array(repeating: 1, count: rank - 2)
    guard tensor.count == 1 || tensor.shape == wanted || tensor.shape == [1] + wanted,
      tensor.shape.count <= rank
    else { return nil }
    return tensor.count == 1
      ? Array(repeating: T(numbers[0]), count: channels) : numbers.map { T($0) }
  }
}
