internal import COnnx
public import SurgeonIR

/// Reads ONNX model files.
///
/// A file is mapped and scanned once; weights stay where they are. What is read remembers its
/// place, so that `ModelWriter` gives back unchanged messages as the bytes they were.
public enum ModelReader {
  /// A model from a file. One whose name ends in `.onnxtxt` holds the textual syntax, as for the
  /// onnx package's `load`.
  ///
  /// - Throws: `io`, `malformedModel` or `invalidGraph`, with the place in the file; `syntax` for a
  ///   text.
  public static func read(path: String) throws(SurgeonError) -> Model {
    let file = try SourceFile(path: path)
    guard path.hasSuffix(".onnxtxt") else { return try read(file) }
    return try located(path) { () throws(SurgeonError) in
      try OnnxText.parse(
        String(decoding: file.bytes, as: UTF8.self),
        directory: ExternalFiles.directory(of: path))
    }
  }

  /// A model from bytes in memory. External data cannot be found for it.
  ///
  /// - Parameter name: stands for the path in messages.
  public static func read(bytes: [UInt8], name: String) throws(SurgeonError) -> Model {
    try read(SourceFile(bytes: bytes, name: name))
  }

  private static func read(_ file: SourceFile) throws(SurgeonError) -> Model {
    try located(file.path) { () throws(SurgeonError) in
      let decoder = MessageDecoder(file)
      guard file.count > 0 else {
        throw SurgeonError(.malformedModel, "the file is empty")
      }
      var check = WireCheck(file)
      do throws(WireCheck.Failure) {
        try check.check(0..<file.count, as: Schema.shared.model)
      } catch {
        var failure = decoder.malformed(error.fault, path: error.path)
        failure.hint = FileKind(of: file.bytes)?.hint
        throw failure
      }
      var builder = ModelBuilder(decoder)
      let model = try builder.build(externalTensors: check.externalTensors)
      // The headers between the weights are read, and with each came the large page around it.
      file.forget(0..<file.count)
      return model
    }
  }
}

/// Kinds of files that are taken for ONNX models, known by their first bytes.
enum FileKind: String {
  case zip = "a ZIP archive, perhaps a PyTorch checkpoint"
  case hdf5 = "an HDF5 file, perhaps a Keras model"
  case gzip = "compressed with gzip"
  case numpy = "a NumPy array"
  case text = "text"
  case pointer = "a Git LFS pointer, not the file itself"

  init?(of bytes: UnsafeRawBufferPointer) {
    func begins(_ prefix: [UInt8]) -> Bool { bytes.starts(with: prefix) }
    switch true {
    case begins(Array("PK\u{3}\u{4}".utf8)): self = .zip
    case begins([0x89] + Array("HDF".utf8)): self = .hdf5
    case begins([0x1F, 0x8B]): self = .gzip
    case begins([0x93] + Array("NUMPY".utf8)): self = .numpy
    case begins(Array("version https://git-lfs".utf8)): self = .pointer
    case bytes.prefix(64).allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 10 || $0 == 13 }):
      self = .text
    default: return nil
    }
  }

  var hint: String {
    switch self {
    case .pointer: "this is \(rawValue); fetch it with 'git lfs pull'"
    default: "this is \(rawValue); export the model to ONNX first"
    }
  }
}
