internal import SurgeonIR
internal import SurgeonImages

/// The one size and number of channels that all images are brought to.
struct ImageFrame {
  private let shape: ImageShape
  private let channels: Int
  private let size: ImageOptions.Size
  /// True where images of another size are stretched.
  private let resizes: Bool
  /// Where the size comes from, for messages.
  private let origin: String

  init(
    _ shape: ImageShape, first: (path: String, image: Image)?, wanted: ImageOptions.Size?,
    input: ModelInput
  ) throws(SurgeonError) {
    self.shape = shape
    channels = shape.channels ?? 3
    resizes = wanted != nil
    if let wanted {
      guard shape.height ?? wanted.height == wanted.height,
        shape.width ?? wanted.width == wanted.width
      else {
        throw SurgeonError(
          .invalidData,
          "--size \(wanted.height)x\(wanted.width) does not fit input '\(input.name)'",
          detail: "it is \(input.typeText)")
      }
      size = wanted
      origin = "--size"
    } else {
      size = ImageOptions.Size(
        height: shape.height ?? first?.image.height ?? 1,
        width: shape.width ?? first?.image.width ?? 1)
      let isFixed = shape.height != nil && shape.width != nil
      origin = isFixed ? "the model" : first.map { "'\($0.path)'" } ?? ""
    }
  }

  /// The pixels of an image in this size, row by row, with the channels side by side.
  func pixels(of image: Image) throws(SurgeonError) -> [UInt8] {
    var image = image
    if (image.height, image.width) != (size.height, size.width) {
      guard resizes, let stretched = image.resized(width: size.width, height: size.height) else {
        throw SurgeonError(
          .invalidData,
          "the image is \(image.height) x \(image.width), not \(size.height) x \(size.width)",
          detail: "the size is that of \(origin)",
          hint: "--size \(size.height)x\(size.width) stretches all images to one size")
      }
      image = stretched
    }
    guard channels == 1 else { return image.converted(to: "RGB") ?? [] }
    guard let grey = Self.grey(image) else {
      throw SurgeonError(
        .invalidData, "the image has colours, and the model wants 1 channel",
        hint: "convert it to grey before")
    }
    return grey
  }

  /// One channel of an image without colours.
  private static func grey(_ image: Image) -> [UInt8]? {
    if image.channels == 1 { return image.pixels }
    var grey: [UInt8] = []
    grey.reserveCapacity(image.width * image.height)
    for start in stride(from: 0, to: image.pixels.count, by: 3) {
      let red = image.pixels[start]
      guard red == image.pixels[start + 1], red == image.pixels[start + 2] else { return nil }
      grey.append(red)
    }
    return grey
  }

  /// A batch of images as the model's input.
  func tensor(_ pixels: [UInt8], images: Int, _ options: ImageOptions) -> Tensor {
    let plane = size.height * size.width
    var sizes = [images, size.height, size.width, channels]
    var ordered = pixels
    if shape.layout == .nchw {
      sizes = [images, channels, size.height, size.width]
      var next = 0
      for image in 0..<images {
        for channel in 0..<channels {
          for pixel in 0..<plane {
            ordered[next] = pixels[(image * plane + pixel) * channels + channel]
            next += 1
          }
        }
      }
    }
    if shape.elementType == .uint8 { return Tensor(ordered, shape: sizes) }
    // Each of the 256 values of a channel once.
    let values = (0..<channels).map { channel in
      let mean = options.mean[min(channel, options.mean.count - 1)]
      let std = options.std[min(channel, options.std.count - 1)]
      return (0..<256).map { (Double($0) / 255 - mean) / std }
    }
    let isChannelsFirst = shape.layout == .nchw
    func channel(_ index: Int) -> Int {
      isChannelsFirst ? index / plane % channels : index % channels
    }
    if shape.elementType == .float32 {
      let rounded = values.map { $0.map { Float($0) } }
      return Tensor(
        ordered.indices.map { rounded[channel($0)][Int(ordered[$0])] }, shape: sizes)
    }
    return Tensor(
      rounding: ordered.indices.map { values[channel($0)][Int(ordered[$0])] },
      to: shape.elementType, shape: sizes)
  }
}
