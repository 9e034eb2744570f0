internal import SurgeonFormat
internal import SurgeonIR

/// Small files of text.
enum TextFile {
  /// A plan or a rule file of more than this is a mistake in the command line.
  private static let limit = 16 << 20

  /// - Throws: `io`.
  static func read(_ path: String) throws(SurgeonError) -> String {
    String(decoding: try WholeFile.read(path, atMost: limit), as: UTF8.self)
  }

  /// - Throws: `io`.
  static func write(_ text: String, to path: String) throws(SurgeonError) {
    try WholeFile.write([TensorBytes(Array(text.utf8))], to: path)
  }
}
