internal import SurgeonIR

/// The header of a .npy file: magic, version, and a Python dictionary literal that holds type,
/// order and shape (NumPy's format.py, versions 1.0 to 3.0).
struct NpyHeader: Equatable {
  var element: NpyElement
  var isFortranOrder: Bool
  var shape: [Int]
  /// Where the elements begin.
  var dataOffset: Int

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// Bytes that suffice to know how long the header is.
  static let prefixCount = 12

  /// The number of elements; readers have checked that it does not overflow.
  var count: Int { shape.reduce(1, *) }
  /// The number of bytes that the elements take.
  var dataCount: Int { count * element.width }

  /// The number of bytes of the whole header, from its first `prefixCount` bytes.
  static func byteCount(prefix: [UInt8]) throws(SurgeonError) -> Int {
    guard prefix.count >= 10, prefix.starts(with: magic) else {
      throw SurgeonError(
        .invalidData, "not a .npy array: the file does not start with '\\x93NUMPY'")
    }
    let size: Int
    switch prefix[6] {
    case 1: size = 10 + Int(prefix[8]) + Int(prefix[9]) << 8
    case 2, 3:
      guard prefix.count >= 12 else {
        throw SurgeonError(.invalidData, "the .npy header is cut off")
      }
      size = 12 + (0..<4).reduce(0) { $0 + Int(prefix[8 + $1]) << (8 * $1) }
    default:
      throw SurgeonError(
        .invalidData, "the .npy format version is \(prefix[6]).\(prefix[7])",
        detail: "versions 1 to 3 are known")
    }
    guard size <= 1 << 20 else {
      throw SurgeonError(.invalidData, "the .npy header claims \(size) bytes")
    }
    return size
  }

  /// Parses a whole header.
  init(parsing bytes: [UInt8]) throws(SurgeonError) {
    let size = try Self.byteCount(prefix: bytes)
    guard bytes.count >= size else {
      throw SurgeonError(.invalidData, "the .npy header is cut off")
    }
    var parser = PythonLiteral(bytes[(bytes[6] == 1 ? 10 : 12)..<size])
    var descriptor: String?
    var order: Bool?
    var sizes: [Int]?
    try parser.dictionary { (key, parser) throws(SurgeonError) in
      switch key {
      case "descr":
        guard let text = try parser.stringOrList() else {
          throw SurgeonError(
            .invalidData, "the array has a structured type",
            hint: "save each field as an array of its own")
        }
        descriptor = text
      case "fortran_order": order = try parser.bool()
      case "shape": sizes = try parser.intTuple()
      default: throw SurgeonError(.invalidData, "the .npy header has an unknown key '\(key)'")
      }
    }
    guard let descriptor, let order, let sizes else {
      throw SurgeonError(.invalidData, "the .npy header lacks 'descr', 'fortran_order' or 'shape'")
    }
    element = try NpyElement(descriptor: descriptor)
    isFortranOrder = order
    shape = sizes
    dataOffset = size
    guard ([max(element.width, 1)] + sizes).productWithoutZeros != nil else {
      throw SurgeonError(.invalidData, "the array's shape overflows: \(ModelInput.text(sizes))")
    }
  }

  /// The bytes of a version 1.0 header (2.0 where it is longer than 65,535), padded as NumPy does
  /// so that the elements start at a multiple of 64.
  static func serialize(descriptor: String, shape: [Int]) -> [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let text = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(sizes)), }"
    let isLong = text.utf8.count + 64 + 10 > 65_535
    let prefix = isLong ? 12 : 10
    let unpadded = prefix + text.utf8.count + 1
    let padding = (64 - unpadded % 64) % 64
    let length = text.utf8.count + padding + 1
    var bytes = magic + [isLong ? 2 : 1, 0]
    for index in 0..<(isLong ? 4 : 2) {
      bytes.append(UInt8(truncatingIfNeeded: length >> (8 * index)))
    }
    bytes += Array(text.utf8)
    bytes += [UInt8](repeating: UInt8(ascii: " "), count: padding)
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }
}
