internal import ArgumentParser
internal import SurgeonData
internal import SurgeonIR

/// Which inputs a model is run with.
struct DataOptionGroup: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Data for the inputs: .npz, .npy, images, a directory of those, or ONNX test data.",
      valueName: "path"))
  var inputs: String?

  @Option(
    help: ArgumentHelp(
      "How many samples to use. (default: all of --inputs, 1 of random data)", valueName: "n"))
  var samples: Int?

  @Option(help: ArgumentHelp("Where random data and random operators start.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(
    name: .customLong("dim"),
    help: ArgumentHelp("A size for a symbolic dimension (repeatable).", valueName: "name=n"))
  var dimensions: [DimensionArgument] = []

  @OptionGroup(title: "Images") var images: ImageOptionGroup

  func validate() throws {
    if let samples, samples < 1 { throw ValidationError("--samples must be at least 1") }
  }

  /// The samples for `model`.
  func source(for model: borrowing Model) throws(SurgeonError) -> any SampleSource {
    let options = DataOptions(dimensions: dimensions.sizes, images: images.options)
    guard let inputs else {
      return try RandomInputs(for: model, samples: samples ?? 1, seed: seed, options: options)
    }
    let data = try DataSource.open(inputs, for: model, options: options)
    guard let samples, samples < data.count else { return data }
    return FirstSamples(of: data, count: samples)
  }
}

/// The first samples of a longer set.
struct FirstSamples: SampleSource {
  private let source: any SampleSource
  let count: Int
  var isMapped: Bool { source.isMapped }

  init(of source: any SampleSource, count: Int) {
    self.source = source
    self.count = count
  }

  func sample(_ index: Int) throws(SurgeonError) -> [String: Datum] { try source.sample(index) }
  func place(of index: Int) -> String? { source.place(of: index) }
}
