internal import SurgeonIR
internal import SurgeonLibc
internal import Synchronization

/// Elements in a file beside the model (`external_data` with its location, offset and length).
struct ExternalData: TensorSource {
  let files: ExternalFiles
  let location: String
  let offset: Int
  let byteCount: Int

  /// - Throws: `malformedModel` where the entries are not those of `byteCount` bytes in a file of
  ///   the model's own directory.
  init(
    _ entries: [StringPair], in files: ExternalFiles, byteCount: Int
  ) throws(SurgeonError) {
    func number(_ key: String) throws(SurgeonError) -> Int? {
      guard let text = entries.last(where: { $0.key == key })?.value else { return nil }
      guard let number = Int(text), number >= 0 else {
        throw ExternalFiles.refused("'\(text)' is no \(key) in a file")
      }
      return number
    }
    guard let location = entries.last(where: { $0.key == "location" })?.value else {
      throw ExternalFiles.refused("external data without a location")
    }
    try ExternalFiles.check(location)
    offset = try number("offset") ?? 0
    if let length = try number("length"), length != byteCount {
      throw ExternalFiles.refused(
        "\(byteCount.grouped) bytes declared, \(length.grouped) referenced in '\(location)'")
    }
    self.files = files
    self.location = location
    self.byteCount = byteCount
  }

  /// The `external_data` of a TensorProto that refers to these elements.
  var entries: [StringPair] {
    [
      StringPair("location", location), StringPair("offset", String(offset)),
      StringPair("length", String(byteCount)),
    ]
  }

  func load() throws(SurgeonError) -> TensorBytes {
    let file = try files.file(at: location)
    guard offset <= file.count, byteCount <= file.count - offset else {
      throw SurgeonError(
        .malformedModel, "cannot read external data", at: [file.path],
        detail: "\(byteCount.grouped) bytes from \(offset.grouped) on declared,"
          + " the file has \(file.count.grouped)",
        hint: "the file is incomplete, or belongs to another model")
    }
    return file.tensorBytes(offset..<offset + byteCount)
  }
}

/// The external-data files of one model, each opened once, when first needed.
///
/// A location must stay inside the model's directory: a model is data from elsewhere, and must not
/// make this program read other files.
final class ExternalFiles: Sendable {
  /// Where locations start; nil for a model that was not read from a file.
  let directory: String?
  private let open = Mutex<[String: SourceFile]>([:])

  init(directory: String?) { self.directory = directory }

  /// The directory part of a path, `.` where there is none.
  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Refuses a location that could leave the directory.
  static func check(_ location: String) throws(SurgeonError) {
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.isEmpty, !location.hasPrefix("/"), !parts.contains("..") else {
      throw refused("location '\(location)' is not inside the model's directory")
    }
  }

  static func refused(_ detail: String) -> SurgeonError {
    SurgeonError(
      .malformedModel, "cannot read external data", detail: detail,
      hint: "external data must lie beside the model, or in a folder there")
  }

  /// The path of a location, with every link resolved and found inside the directory.
  func resolvedPath(_ location: String) throws(SurgeonError) -> String {
    try Self.check(location)
    guard let directory, let root = Self.realPath(directory) else {
      throw Self.refused("the model's directory is not known")
    }
    let path = "\(directory)/\(location)"
    guard let real = Self.realPath(path) else {
      throw .system(
        "cannot read external data '\(path)'", errno,
        hint: "put the external-data file beside the model")
    }
    guard real.hasPrefix(root == "/" ? "/" : root + "/") else {
      throw Self.refused("'\(path)' is a link that leads out of the model's directory")
    }
    return real
  }

  func file(at location: String) throws(SurgeonError) -> SourceFile {
    if let file = open.withLock({ $0[location] }) { return file }
    let file = try SourceFile(path: resolvedPath(location))
    open.withLock { $0[location] = file }
    return file
  }

  private static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
