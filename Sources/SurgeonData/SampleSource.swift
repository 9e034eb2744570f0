public import SurgeonIR

/// Samples for a model, one set of inputs at a time.
///
/// A sample is what one run of the model takes: its leading dimension is the model's batch
/// dimension. Samples are read when they are asked for and nothing is kept, so that a set larger
/// than memory costs one sample's memory; asking in order is the fastest way.
public protocol SampleSource {
  /// The number of samples.
  var count: Int { get }
  /// True where a sample's bytes are those of a mapped file: to ask for it again costs no decoding.
  var isMapped: Bool { get }
  /// The names of arrays in the data that no input takes.
  var unusedArrays: [String] { get }

  /// True where some samples are cut from images, of which `DataOptions.images` speaks.
  var hasImages: Bool { get }

  /// The file that sample `index` comes from, where the data are many files; for messages.
  func place(of index: Int) -> String?

  /// The inputs of sample `index`, by the names of the model's inputs.
  ///
  /// - Throws: `io` or `invalidData`, naming file and array.
  func sample(_ index: Int) throws(SurgeonError) -> [String: Datum]
}

extension SampleSource {
  public var isMapped: Bool { false }
  public var unusedArrays: [String] { [] }
  public var hasImages: Bool { false }
  public func place(of index: Int) -> String? { nil }
}

/// How data are laid over a model's inputs.
public struct DataOptions: Sendable {
  /// Sizes of symbolic dimensions by name, as `--dim N=4` gives them.
  public var dimensions: [String: Int]
  /// The size of a leading dimension that neither the model nor `dimensions` fixes. With nil an
  /// array is one sample as it is, whatever its leading dimension.
  public var batchSize: Int?
  /// What becomes of images.
  public var images: ImageOptions

  public init(
    dimensions: [String: Int] = [:], batchSize: Int? = nil, images: ImageOptions = ImageOptions()
  ) {
    self.dimensions = dimensions
    self.batchSize = batchSize
    self.images = images
  }
}
