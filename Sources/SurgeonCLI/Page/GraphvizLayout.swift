internal import SurgeonIR
internal import SurgeonLibc

/// Lays graphs out with Graphviz's `dot`.
enum GraphvizLayout {
  /// The picture of a graph given in the dot language, as an `svg` element.
  ///
  /// - Throws: `io` where Graphviz is missing or fails.
  static func svg(of dot: String) throws(SurgeonError) -> String {
    let source = try temporaryFile()
    let target = try temporaryFile()
    defer {
      unlink(source)
      unlink(target)
    }
    try TextFile.write(dot, to: source)
    try run(["dot", "-Tsvg", "-o", target, source])
    let text = try TextFile.read(target)
    // Without the XML declaration and document type, which have no place inside a page.
    guard let start = text.firstRange(of: "<svg") else {
      throw SurgeonError(.io, "Graphviz gave no picture")
    }
    return String(text[start.lowerBound...])
  }

  private static func temporaryFile() throws(SurgeonError) -> String {
    let directory = Machine.namedTemporaryDirectory ?? "/tmp"
    var template = Array("\(directory)/surgeon-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      throw SurgeonError(
        .io, "cannot make a temporary file", detail: String(cString: strerror(errno)))
    }
    close(descriptor)
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func run(_ arguments: [String]) throws(SurgeonError) {
    var pointers = arguments.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    var process = pid_t()
    let code = posix_spawnp(&process, arguments[0], nil, nil, pointers, environ)
    guard code == 0 else {
      throw SurgeonError(
        .io, "cannot run Graphviz", detail: String(cString: strerror(code)),
        hint: "install graphviz, whose program 'dot' lays the graphs out")
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else {
      throw SurgeonError(.io, "Graphviz failed", detail: "dot ended with status \(status)")
    }
  }
}
