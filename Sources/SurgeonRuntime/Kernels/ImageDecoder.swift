internal import SurgeonIR
internal import SurgeonImages

/// ImageDecoder: the pixels of an image file, [height, width, channels].
enum ImageDecoder {
  @Sendable static func run(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let bytes = try call.tensor(0).view(as: UInt8.self).elements
    let format = call.node.string("pixel_format", default: "RGB")
    let image: Image
    switch Image.decode(bytes) {
    case .image(let decoded): image = decoded
    // What the standard asks for where the data cannot be decoded.
    case .damaged: return [.tensor(Tensor([UInt8](), shape: [0, 0, 0]))]
    case .unknownFormat:
      throw SurgeonError(
        .unsupportedOperator,
        "ImageDecoder reads \(Image.formats), and the data are none of these")
    }
    guard let pixels = image.converted(to: format) else {
      throw call.failure("there is no pixel format '\(format)'")
    }
    let channels = format == "Grayscale" ? 1 : 3
    return [.tensor(Tensor(pixels, shape: [image.height, image.width, channels]))]
  }
}
