internal import ArgumentParser
internal import SurgeonData
internal import SurgeonIR

/// Which inputs a model is run with: data, or random numbers.
struct DataOptionGroup: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Data for the inputs: .npz, .npy, images, a directory of those, or ONNX test data.",
      valueName: "path"))
  var inputs: String?

  @Option(help: ArgumentHelp("Where random data and random operators start.", valueName: "n"))
  var seed: UInt64 = 0

  @OptionGroup var samples: SampleOptionGroup

  /// The samples for `model`.
  func source(for model: borrowing Model) throws(SurgeonError) -> any SampleSource {
    if let inputs { return try samples.open(inputs, for: model) }
    return try RandomInputs(
      for: model, samples: samples.limit ?? 1, seed: seed, options: samples.options())
  }
}
