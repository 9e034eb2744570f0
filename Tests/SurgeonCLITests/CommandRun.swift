internal import SurgeonCLI
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonLibc

/// A command line that has been run in this process.
struct CommandRun {
  let status: ExitStatus
  let output: String
  let errors: String

  init(_ arguments: String...) { self.init(arguments) }

  init(_ arguments: [String]) {
    let console = Console.captured()
    status = SurgeonCommand.run(arguments, in: CommandContext(console: console))
    output = console.outputText
    errors = console.errorText
  }
}

/// A directory of its own that is removed with the last reference.
final class Folder {
  let path: String

  init() {
    var template = Array("/tmp/surgeon-tests-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { buffer in
      mkdtemp(buffer.baseAddress!).map { String(cString: $0) } ?? "/tmp"
    }
  }

  deinit {
    for name in names { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  var names: [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  func text(of name: String) -> String? { Self.text(at: "\(path)/\(name)") }

  static func text(at path: String) -> String? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes a model given in ONNX's text syntax.
  func write(_ text: String, as name: String) throws -> String {
    let path = "\(path)/\(name)"
    try ModelWriter.write(
      try OnnxText.parse("<ir_version: 8, opset_import: [\"\": 13]> " + text), to: path)
    return path
  }

  /// Writes a text file; its path.
  func write(text: String, as name: String) throws -> String {
    let path = "\(path)/\(name)"
    guard let file = fopen(path, "wb") else { throw SurgeonError(.io, "cannot write '\(path)'") }
    fputs(text, file)
    fclose(file)
    return path
  }
}
