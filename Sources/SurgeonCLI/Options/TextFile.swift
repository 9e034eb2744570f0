internal import SurgeonIR
internal import SurgeonLibc

/// Small files of text.
enum TextFile {
  /// A plan or a rule file of more than this is a mistake in the command line.
  private static let limit = 16 << 20

  /// - Throws: `io`.
  static func read(_ path: String) throws(SurgeonError) -> String {
    guard let file = fopen(path, "rb") else { throw failure("read", path) }
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
    guard ferror(file) == 0 else { throw failure("read", path) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// - Throws: `io`.
  static func write(_ text: String, to path: String) throws(SurgeonError) {
    guard let file = fopen(path, "wb") else { throw failure("write", path) }
    let bytes = Array(text.utf8)
    let count = fwrite(bytes, 1, bytes.count, file)
    let isClosed = fclose(file) == 0
    guard count == bytes.count, isClosed else { throw failure("write", path) }
  }

  private static func failure(_ verb: String, _ path: String) -> SurgeonError {
    SurgeonError(.io, "cannot \(verb) '\(path)'", detail: String(cString: strerror(errno)))
  }
}
