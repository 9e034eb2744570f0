public import SurgeonIR
internal import SurgeonLibc

/// Writes ONNX model files.
///
/// Messages that nothing changed since they were read are written as the bytes they were; a model
/// in which nothing changed gives back the same file.
public enum ModelWriter {
  public struct Options: Sendable {
    /// Puts initializers of 1,024 bytes or more into one file beside the model, named like it with
    /// `.data` added. Off: each stays where it is, inside the model or outside.
    public var externalData = false

    public init(externalData: Bool = false) { self.externalData = externalData }
  }

  /// What was written.
  public struct Report: Sendable {
    /// The size of the model file.
    public var byteCount: Int
    /// Data files written or copied beside the model.
    public var externalFiles: [String] = []
    /// What the user should know, as sentences.
    public var warnings: [String] = []
  }

  /// Other readers use protobuf, which refuses messages from 2 GiB on.
  private static let portableLimit = 1 << 31

  /// Writes a model to `path`, which may name the file it was read from. One that ends in `.onnxtxt`
  /// gets the textual syntax, with every constant in full; what that cannot say (documentation and
  /// metadata of single nodes and values) is left out.
  ///
  /// The file appears complete or not at all. External data that stays outside is left in place
  /// where the output shares the input's directory; otherwise it is copied there.
  ///
  /// - Throws: `io` where a file cannot be written, `malformedModel` where external data is missing,
  ///   `impossible` for the ending of a text format that is not written.
  @discardableResult
  public static func write(
    _ model: Model, to path: String, options: Options = .init()
  ) throws(SurgeonError) -> Report {
    try write(model, to: path, options, into: nil)
  }

  /// - Parameter begun: the output, where it was begun before.
  static func write(
    _ model: Model, to path: String, _ options: Options = .init(), into begun: consuming AtomicFile?
  ) throws(SurgeonError) -> Report {
    try checkEnding(of: path)
    if isText(path) {
      guard !options.externalData else {
        throw SurgeonError(
          .impossible, "text holds its constants itself",
          hint: "leave out --external-data, or give the output a name that ends in .onnx")
      }
      return try writeText(model, to: path)
    }
    let dataName = fileName(of: path) + ".data"
    var encoder = ModelEncoder(
      model, sink: options.externalData ? ExternalSink(location: dataName) : nil)
    let pieces = try encoder.encode()
    if let source = encoder.source, !source.file.isUnchanged {
      throw SurgeonError(
        .io, "'\(source.path)' has changed since it was read",
        hint: "start again; nothing was written")
    }
    var report = Report(byteCount: pieces.count)
    let file =
      if let begun { begun } else {
        try AtomicFile.replacing(path, madeFrom: model.source?.path)
      }
    try file.write(pieces)
    if let source = encoder.source {
      report.externalFiles += try ExternalCopies(source, besideOutput: path)
        .provide(for: pieces, and: encoder.externalLocations)
    }
    if let data = encoder.sink?.pieces, data.count > 0 {
      let dataPath = "\(ExternalFiles.directory(of: path))/\(dataName)"
      let dataFile = try AtomicFile.replacing(dataPath)
      try dataFile.write(data)
      try dataFile.commit()
      report.externalFiles.append(dataPath)
    }
    try file.commit()
    if pieces.count >= portableLimit {
      report.warnings.append(
        "the model has \(pieces.count.grouped) bytes; most other programs read none of 2 GiB or"
          + " more (--external-data writes big tensors beside it)")
    }
    return report
  }

  /// The bytes of a model's file. External data stays outside.
  public static func serialize(_ model: Model) throws(SurgeonError) -> [UInt8] {
    var encoder = ModelEncoder(model)
    return try encoder.encode().bytes
  }

  private static func fileName(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}
