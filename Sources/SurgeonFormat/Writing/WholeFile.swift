package import SurgeonIR

/// What the package's other targets write files with: each appears complete or not at all.
package enum WholeFile {
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
