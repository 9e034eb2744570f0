internal import SurgeonIR
internal import SurgeonImages

/// Samples cut from image files, so many images each as the model's batch dimension says (1 where
/// it is open).
///
/// An image is decoded when its sample is asked for.
struct ImageFiles: SampleSource {
  /// Endings of files that are taken for images.
  static let endings = [".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".ppm", ".pnm", ".tif", ".tiff"]

  static func isImage(_ name: String) -> Bool {
    let name = name.lowercased()
    return endings.contains { name.hasSuffix($0) }
  }

  let count: Int
  var hasImages: Bool { true }
  private let paths: [String]
  private let input: ModelInput
  private let frame: ImageFrame
  private let options: ImageOptions
  private let batchSize: Int

  /// - Throws: `invalidData` where the input takes no images, or the first image does not fit.
  init(_ paths: [String], for inputs: [ModelInput], options: DataOptions) throws(SurgeonError) {
    let required = inputs.filter { !$0.hasDefault }
    guard let input = required.first ?? inputs.first, required.count <= 1 else {
      throw SurgeonError(
        .invalidData, "images are given and the model has \(required.count) inputs",
        detail: required.map { "'\($0.name)'" }.joined(separator: ", "),
        hint: "save them in a .npz, each array under its input's name")
    }
    self.paths = paths
    self.input = input
    self.options = options.images
    let shape = try ImageShape(of: input, options: options)
    batchSize = shape.batch ?? options.batchSize ?? 1
    // Where the model does not fix the size of a batch, the last one has what is left.
    guard batchSize > 0, shape.batch == nil || paths.count % batchSize == 0 else {
      throw SurgeonError(
        .invalidData, "\(paths.count) images cannot be cut into batches of \(batchSize)")
    }
    count = (paths.count + batchSize - 1) / batchSize
    let first = try paths.first.map { (path) throws(SurgeonError) in
      (path: path, image: try Self.read(path))
    }
    frame = try ImageFrame(shape, first: first, wanted: options.images.size, input: input)
  }

  func sample(_ index: Int) throws(SurgeonError) -> [String: Datum] {
    precondition(index >= 0 && index < count)
    var pixels: [UInt8] = []
    let batch = paths[index * batchSize..<min((index + 1) * batchSize, paths.count)]
    for path in batch {
      do throws(SurgeonError) {
        pixels += try frame.pixels(of: try Self.read(path))
      } catch {
        throw error.location.isEmpty ? error.within(path) : error
      }
    }
    return [input.name: .tensor(frame.tensor(pixels, images: batch.count, options))]
  }

  private static func read(_ path: String) throws(SurgeonError) -> Image {
    let file = try ByteFile(path: path)
    switch Image.decode(try file.prefix(file.count)) {
    case .image(let image): return image
    case .damaged:
      throw SurgeonError(
        .invalidData, "the image cannot be read", at: [path],
        detail: "it is damaged, or of a kind of its format that is not supported",
        hint: "repair it, save it anew, or take it out of the data")
    case .unknownFormat:
      throw SurgeonError(
        .invalidData, "the image cannot be read", at: [path],
        detail: file.count == 0 ? "the file is empty" : "it is not what its name says",
        hint: "\(Image.formats) are read")
    }
  }
}
