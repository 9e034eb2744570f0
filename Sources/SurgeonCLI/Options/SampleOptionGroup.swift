internal import ArgumentParser
internal import SurgeonData
internal import SurgeonIR

/// Which samples, and how data become samples: what every command that runs a model asks alike.
struct SampleOptionGroup: ParsableArguments {
  @Option(
    name: .customLong("samples"),
    help: ArgumentHelp(
      "How many samples to use. (default: all of the data; 1 where it is random)",
      valueName: "n"))
  var limit: Int?

  @Option(
    name: .customLong("dim"),
    help: ArgumentHelp("A size for a symbolic dimension (repeatable).", valueName: "name=n"))
  var dimensions: [DimensionArgument] = []

  @OptionGroup(title: "Images") var images: ImageOptionGroup

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--samples must be at least 1") }
  }

  func options(batchSize: Int? = nil) -> DataOptions {
    DataOptions(dimensions: dimensions.sizes, batchSize: batchSize, images: images.options)
  }

  /// The samples at `path` for `model`.
  ///
  /// - Parameter batchSize: rows of a sample where the model leaves them open; with nil an array is
  ///   one sample.
  func open(
    _ path: String, for model: borrowing Model, batchSize: Int? = nil
  ) throws(SurgeonError) -> any SampleSource {
    let data = try DataSource.open(path, for: model, options: options(batchSize: batchSize))
    guard let limit, limit < data.count else { return data }
    return FirstSamples(of: data, count: limit)
  }
}

/// The first samples of a longer set.
private struct FirstSamples: SampleSource {
  private let source: any SampleSource
  let count: Int
  var isMapped: Bool { source.isMapped }
  var hasImages: Bool { source.hasImages }
  var unusedArrays: [String] { source.unusedArrays }

  init(of source: any SampleSource, count: Int) {
    self.source = source
    self.count = count
  }

  func sample(_ index: Int) throws(SurgeonError) -> [String: Datum] { try source.sample(index) }
  func place(of index: Int) -> String? { source.place(of: index) }
}
