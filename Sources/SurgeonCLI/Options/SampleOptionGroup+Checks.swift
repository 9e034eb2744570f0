internal import SurgeonData
internal import SurgeonIR

extension SampleOptionGroup {
  /// - Throws: `impossible` where `--dim` names a dimension that none of the models has.
  func requireDimensions(in models: Model...) throws(SurgeonError) {
    guard !dimensions.isEmpty else { return }
    var known: [String] = []
    for name in models.flatMap(\.symbolicDimensions) where !known.contains(name) {
      known.append(name)
    }
    for dimension in dimensions where !known.contains(dimension.name) {
      let subject = models.count == 1 ? "the model has no" : "neither model has a"
      throw SurgeonError(
        .impossible, "\(subject) dimension '\(dimension.name)' (--dim)",
        detail: known.isEmpty
          ? "no dimension has a name" : "dimensions with a name: " + Self.list(known))
    }
  }

  /// Says which arrays of the data are of no use: one may be an input's with its name misspelt.
  func noteUnusedArrays(
    of samples: any SampleSource, for model: borrowing Model, to console: Console
  ) {
    let unused = samples.unusedArrays
    guard !unused.isEmpty else { return }
    Diagnostics.note(
      "no input takes \(unused.count == 1 ? "the array" : "the arrays") \(Self.list(unused)) "
        + "(inputs: \(Self.list(ModelInput.all(of: model).map(\.name))))", to: console)
  }

  private static func list(_ names: [String]) -> String {
    let most = 8
    return names.prefix(most).map { "'\($0)'" }.joined(separator: ", ")
      + (names.count > most ? ", and \(names.count - most) more" : "")
  }
}
