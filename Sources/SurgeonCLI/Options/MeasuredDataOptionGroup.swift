internal import ArgumentParser
internal import SurgeonData
internal import SurgeonIR

/// The data that a measurement is over: batches of samples, never random ones.
struct MeasuredDataOptionGroup: ParsableArguments {
  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "What to measure: .npz, .npy, images, a directory of those, or ONNX test data.",
      valueName: "path"))
  var path: String?

  @Option(
    help: ArgumentHelp("Rows of a sample where the model leaves that open.", valueName: "n"))
  var batchSize = 1

  @OptionGroup var samples: SampleOptionGroup
  @OptionGroup var threads: ThreadOptionGroup

  func validate() throws {
    if batchSize < 1 { throw ValidationError("--batch-size must be at least 1") }
  }

  /// The samples for `model`; nil where no data were given.
  func source(for model: borrowing Model) throws(SurgeonError) -> (any SampleSource)? {
    guard let path else { return nil }
    return try samples.open(path, for: model, batchSize: batchSize)
  }
}
