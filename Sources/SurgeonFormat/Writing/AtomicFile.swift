internal import CFileSystem
internal import SurgeonIR
internal import SurgeonLibc

/// A file that appears under its name complete, or not at all.
///
/// The bytes go to a temporary file of the same directory, which takes over the name by a rename.
/// Where the file system has files without a name, the temporary file is one until then, and a
/// killed process leaves nothing behind. A path that names a device or a pipe is written directly.
struct AtomicFile: ~Copyable {
  private let path: String
  let descriptor: Int32
  /// The name of the temporary file, nil while it has none.
  private var temporaryPath: String?
  private let target: Target
  /// Parts of input files that are where they belong already, by their positions here.
  var copies: [Int: InputPart] = [:]

  private enum Target {
    case derived, source, device
  }

  /// False for a device and a pipe, whose bytes go out one after the other.
  var hasPositions: Bool { target != .device }
  /// True where nothing is left of the file when the process is killed.
  var isUnnamed: Bool { hasPositions && temporaryPath == nil }

  private init(_ path: String, _ descriptor: Int32, temporaryPath: String?, _ target: Target) {
    self.path = path
    self.descriptor = descriptor
    self.temporaryPath = temporaryPath
    self.target = target
  }

  /// False where `path` names a device or a pipe, which is written to and not replaced.
  static func isReplaced(_ path: String) -> Bool {
    var status = stat()
    let kind = stat(path, &status) == 0 ? status.st_mode & S_IFMT : S_IFREG
    return kind == S_IFREG || kind == S_IFDIR
  }

  /// A file to be written in the place of `path`, whether there is one or not.
  ///
  /// - Parameter source: the file that the bytes were made from. See `commit` for what changes
  ///   where it is the one that is replaced.
  /// - Throws: `io` where the file or its directory cannot be written to.
  static func replacing(
    _ path: String, madeFrom source: String? = nil
  ) throws(SurgeonError) -> AtomicFile {
    // A link is followed: the file that it names is replaced.
    var target = path
    if let resolved = realpath(path, nil) {
      target = String(cString: resolved)
      free(resolved)
    }
    var status = stat()
    let exists = stat(target, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR {
      throw SurgeonError(.io, "cannot write '\(path)': it is a directory")
    }
    if exists, status.st_mode & S_IFMT != S_IFREG {
      let descriptor = open(target, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw .system("cannot write '\(path)'", errno) }
      return AtomicFile(target, descriptor, temporaryPath: nil, .device)
    }
    if exists, access(target, W_OK) != 0 { throw .system("cannot write '\(path)'", errno) }
    let mode = exists ? status.st_mode & 0o7777 : 0o666
    var temporaryPath: String?
    var descriptor = surgeon_open_unnamed(ExternalFiles.directory(of: target), mode)
    if descriptor < 0 {
      // File systems without such files say so in several ways; what is really wrong shows again.
      let name = temporaryName(for: target)
      descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
      guard descriptor >= 0 else { throw .system("cannot write '\(path)'", errno) }
      temporaryPath = name
    }
    if exists { fchmod(descriptor, mode) }
    var origin = stat()
    let isSource =
      exists && source.map { stat($0, &origin) == 0 } ?? false
      && (origin.st_dev, origin.st_ino) == (status.st_dev, status.st_ino)
    return AtomicFile(
      target, descriptor, temporaryPath: temporaryPath, isSource ? .source : .derived)
  }

  deinit {
    close(descriptor)
    if let temporaryPath { unlink(temporaryPath) }
  }

  private static func temporaryName(for path: String) -> String {
    "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
  }

  func failure(_ code: Int32) -> SurgeonError {
    let hint =
      code == ENOSPC || code == EDQUOT
      ? "free some space, or write to another file system" : nil
    return .system("cannot write '\(path)'", code, hint: hint)
  }

  /// Gives the bytes their name.
  ///
  /// Where a model replaces itself, its bytes must be on the disk first: a power failure could
  /// otherwise leave neither the old nor the new ones. Anything else can be made again from its
  /// source, and does not wait for the disk.
  consuming func commit() throws(SurgeonError) {
    guard hasPositions else { return }
    if case .source = target, fsync(descriptor) != 0 { throw failure(errno) }
    if temporaryPath == nil {
      if surgeon_name_file(descriptor, path) == 0 { return }
      let name = Self.temporaryName(for: path)
      guard surgeon_name_file(descriptor, name) == 0 else { throw failure(errno) }
      temporaryPath = name
    }
    guard let name = temporaryPath, rename(name, path) == 0 else { throw failure(errno) }
    temporaryPath = nil
  }
}
