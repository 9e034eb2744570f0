internal import SurgeonData
internal import SurgeonIR

extension SampleOptionGroup {
  /// Says which names of `--dim` none of the models has: one may be misspelt, and its dimension left free.
  func warnOfDimensions(missingFrom models: Model..., to console: Console) {
    guard !dimensions.isEmpty else { return }
    var known: [String] = []
    for name in models.flatMap(\.symbolicDimensions) where !known.contains(name) {
      known.append(name)
    }
    let names = dimensions.map(\.name).filter { !known.contains($0) }
    guard !names.isEmpty else { return }
    Diagnostics.warn(
      "\(models.count == 1 ? "the model has no" : "neither model has a") "
        + "\(names.count == 1 ? "dimension" : "dimensions") \(Self.list(names)) (--dim; "
        + (known.isEmpty ? "no dimension has a name)" : "there are: \(Self.list(known)))"),
      to: console)
  }

  /// Says which arrays of the data are of no use (one may be an input's with its name misspelt), and
  /// which options for images have no say: arrays come as they are.
  func noteUnused(
    of samples: any SampleSource, for model: borrowing Model, to console: Console
  ) {
    if !samples.hasImages, !images.given.isEmpty {
      Diagnostics.warn(
        "the data are no images, so \(images.given.joined(separator: ", ")) had no say", to: console
      )
    }
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
