extension Model {
  /// The newest version of the file format that this library knows all parts of.
  public static let newestIRVersion = 14

  /// Gives the model a later version of the file format; operators and their versions stay.
  ///
  /// Before version 4 every initializer had to be an input too. From then on such an input is a
  /// default that callers may override, which was never meant: they leave the inputs.
  ///
  /// - Throws: `impossible` for a version before the model's own, or one that is not known.
  public mutating func raiseIRVersion(to version: Int) throws(SurgeonError) {
    guard version >= header.irVersion else {
      throw SurgeonError(
        .impossible, "IR version \(version) is before the model's own, \(header.irVersion)",
        hint: "what a later version added cannot be left out; give \(header.irVersion) or more")
    }
    guard version <= Self.newestIRVersion else {
      throw SurgeonError(
        .impossible, "IR version \(version) is not known",
        detail: "the newest is \(Self.newestIRVersion)")
    }
    if header.irVersion < 4, version >= 4 {
      let kept = self[mainGraph].inputs.filter { self[$0].initializer == nil }
      setInputs(of: mainGraph, to: kept)
    }
    header.irVersion = version
  }
}
