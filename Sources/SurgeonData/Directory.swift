internal import SurgeonIR
internal import SurgeonLibc

/// Looking into directories.
enum Directory {
  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The names in a directory, hidden ones left out, numbers within them in their own order:
  /// `input_2.pb` before `input_10.pb`.
  static func names(in path: String) throws(SurgeonError) -> [String] {
    guard let handle = opendir(path) else {
      throw SurgeonError(.io, "cannot open '\(path)'", detail: ByteFile.reason(errno))
    }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      // The name is an array of the struct's own, which may run over its declared length.
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted { naturalKey($0).lexicographicallyPrecedes(naturalKey($1)) { $0 < $1 } }
  }

  /// Creates a directory unless it exists.
  static func create(_ path: String) throws(SurgeonError) {
    guard mkdir(path, 0o777) == 0 || (errno == EEXIST && isDirectory(path)) else {
      throw SurgeonError(.io, "cannot create '\(path)'", detail: ByteFile.reason(errno))
    }
  }

  private enum Part: Comparable {
    case number(Int, String)
    case text(String)
  }

  private static func naturalKey(_ name: String) -> [Part] {
    var parts: [Part] = []
    var rest = name[...]
    while let first = rest.first {
      let isDigit = first.isASCII && first.isNumber
      let end = rest.firstIndex { ($0.isASCII && $0.isNumber) != isDigit } ?? rest.endIndex
      let part = String(rest[..<end])
      parts.append(isDigit ? .number(Int(part) ?? .max, part) : .text(part))
      rest = rest[end...]
    }
    return parts
  }
}
