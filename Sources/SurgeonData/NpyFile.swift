internal import SurgeonIR

/// Where the bytes of a stored array come from.
protocol ArrayBytes: AnyObject {
  /// Bytes of the array's elements; `range` counts from the first element and lies in the array.
  func read(_ range: Range<Int>) throws(SurgeonError) -> TensorBytes
}

/// The elements of a .npy file, mapped.
final class NpyFile: ArrayBytes {
  private let file: ByteFile
  private let dataOffset: Int

  private init(file: ByteFile, dataOffset: Int) {
    self.file = file
    self.dataOffset = dataOffset
  }

  /// Opens a .npy file and reads its header.
  ///
  /// - Throws: `io`, or `invalidData` for a header that does not parse or a file that is too short.
  static func open(_ path: String) throws(SurgeonError) -> StoredArray {
    let file = try ByteFile(path: path)
    do throws(SurgeonError) {
      let size = try NpyHeader.byteCount(prefix: try file.prefix(NpyHeader.prefixCount))
      let header = try NpyHeader(parsing: try file.prefix(size))
      guard file.count - header.dataOffset >= header.dataCount else {
        throw SurgeonError(
          .invalidData, "the array is cut off",
          detail: "\(header.dataCount) bytes declared, \(file.count - header.dataOffset) present")
      }
      return StoredArray(
        place: path, header: header, bytes: NpyFile(file: file, dataOffset: header.dataOffset))
    } catch {
      throw error.within(path)
    }
  }

  func read(_ range: Range<Int>) throws(SurgeonError) -> TensorBytes {
    try file.map(dataOffset + range.lowerBound..<dataOffset + range.upperBound)
  }
}
