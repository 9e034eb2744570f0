internal import SurgeonIR

/// What an input of images says of its dimensions; nil where it leaves one open.
struct ImageShape {
  let elementType: ElementType
  let layout: ImageOptions.Layout
  let batch: Int?
  let channels: Int?
  let height: Int?
  let width: Int?

  /// - Throws: `invalidData` where the input takes no images.
  init(of input: ModelInput, options: DataOptions) throws(SurgeonError) {
    func refusal(_ detail: String, _ hint: String? = nil) -> SurgeonError {
      SurgeonError(
        .invalidData, "input '\(input.name)' takes no images", detail: detail,
        hint: hint ?? "images go into float or uint8 [batch, channel, row, column]")
    }
    guard case .tensor(let type, let shape?)? = input.type?.kind else {
      throw refusal("its type or its rank is not recorded")
    }
    guard [.float32, .float16, .bfloat16, .float64, .uint8].contains(type), shape.rank == 4 else {
      throw refusal("it is \(input.typeText)")
    }
    let sizes = shape.dimensions.map { $0.size(with: options.dimensions) }
    let isColour = { (axis: Int) in sizes[axis] == 1 || sizes[axis] == 3 }
    if let given = options.images.layout {
      layout = given
    } else if isColour(1) != isColour(3) {
      layout = isColour(1) ? .nchw : .nhwc
    } else {
      throw SurgeonError(
        .invalidData, "where the channels of input '\(input.name)' stand is not clear",
        detail: "it is \(input.typeText)", hint: "say --layout nchw or --layout nhwc")
    }
    let axes = layout == .nchw ? (1, 2, 3) : (3, 1, 2)
    elementType = type
    batch = sizes[0]
    channels = sizes[axes.0]
    height = sizes[axes.1]
    width = sizes[axes.2]
    guard channels == nil || isColour(axes.0) else {
      throw refusal("it has \(channels ?? 0) channels, and images have 1 or 3")
    }
    let counts = [options.images.mean.count, options.images.std.count]
    for count in counts where count != 1 && count != channels ?? 3 {
      throw SurgeonError(
        .invalidData, "\(count) numbers for the mean or the standard deviation do not fit",
        detail: "input '\(input.name)' has \(channels ?? 3) channels",
        hint: "give one number, or one for each channel")
    }
    guard type != .uint8 || options.images.isPlain else {
      throw SurgeonError(
        .invalidData, "pixels are not normalised for input '\(input.name)'",
        detail: "it takes them as they are: \(input.typeText)", hint: "leave out --mean and --std")
    }
  }
}
