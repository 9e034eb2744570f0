package import SurgeonIR
internal import SurgeonLibc

/// What the package's other targets read and write whole files with: a written one appears complete or
/// not at all.
package enum WholeFile {
  /// All bytes of a file, or of a pipe.
  ///
  /// - Parameter limit: how many there are at most: more are a mistake in the command line.
  /// - Throws: `io`.
  package static func read(
    _ path: String, atMost limit: Int = .max
  ) throws(SurgeonError) -> [UInt8] {
    let file = try SourceFile(path: path)
    guard file.count <= limit else {
      throw SurgeonError(.io, "cannot read '\(path)': it is larger than \(limit >> 20) MiB")
    }
    return Array(file.bytes)
  }

  /// Tells before long work whether its result can be written to `path`; what is there stays.
  ///
  /// - Throws: `io`, as `write` would.
  package static func requireWritable(_ path: String) throws(SurgeonError) {
    // Whoever reads from a pipe takes its first closing for the end.
    guard AtomicFile.isReplaced(path) else { return }
    _ = try AtomicFile.replacing(path)
  }

  /// Replaces the file at `path`, whether there is one or not, by the bytes of all parts.
  ///
  /// A killed process leaves the old file and nothing beside it (see `AtomicFile`).
  ///
  /// - Throws: `io`.
  package static func write(_ parts: [TensorBytes], to path: String) throws(SurgeonError) {
    var pieces = PieceList()
    for part in parts { pieces.append(part) }
    let file = try AtomicFile.replacing(path)
    try file.write(pieces)
    try file.commit()
  }
}
