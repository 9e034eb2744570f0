internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonLibc

/// Small files of text.
enum TextFile {
  /// A plan or a rule file of more than this is a mistake in the command line.
  private static let limit = 16 << 20

  /// - Throws: `io`.
  static func read(_ path: String) throws(SurgeonError) -> String {
    guard let file = fopen(path, "rb") else { throw failure(path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      bytes.append(contentsOf: buffer[..<count])
      guard bytes.count <= limit else {
        throw SurgeonError(.io, "cannot read '\(path)'", detail: "it is too large for a text file")
      }
      if count < buffer.count { break }
    }
    guard ferror(file) == 0 else { throw failure(path) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// - Throws: `io`.
  static func write(_ text: String, to path: String) throws(SurgeonError) {
    try WholeFile.write([TensorBytes(Array(text.utf8))], to: path)
  }

  private static func failure(_ path: String) -> SurgeonError {
    SurgeonError(.io, "cannot read '\(path)'", detail: String(cString: strerror(errno)))
  }
}
