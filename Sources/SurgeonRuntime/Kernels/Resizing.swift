internal import SurgeonIR

/// Resize and its predecessor Upsample: interpolation, one axis after the other.
enum Resizing {
  /// What an axis becomes.
  struct Axis {
    let axis: Int
    let input: Int
    let output: Int
    let scale: Double
    let region: (start: Double, end: Double)?
  }

  @Sendable static func resize(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let options = try ResizeOptions(call.node)
    return [.tensor(try interpolate(tensor, try axes(call, tensor.shape, options), options, call))]
  }

  @Sendable static func upsample(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let axes = try upsampleAxes(call, tensor.shape)
    return [.tensor(try interpolate(tensor, axes, ResizeOptions(call.node), call))]
  }

  /// The axes of Upsample, whose scales are an input from version 9 on.
  static func upsampleAxes(_ call: KernelCall, _ shape: [Int]) throws(SurgeonError) -> [Axis] {
    let scales: [Double]
    if call.node.opset >= 9 {
      scales = try call.tensor(1).doubles()
    } else if let given = call.node.floats("scales") {
      scales = given
    } else {
      scales = [
        1, 1, call.node.float("height_scale", default: 1),
        call.node.float("width_scale", default: 1),
      ]
    }
    return try scaled(shape, Array(shape.indices), scales, call)
  }

  /// The axes that a Resize node names, with what becomes of them.
  static func axes(
    _ call: KernelCall, _ shape: [Int], _ options: ResizeOptions
  ) throws(SurgeonError) -> [Axis] {
    let rank = shape.count
    if call.node.opset < 11 {
      return try scaled(shape, Array(0..<rank), try call.tensor(1).doubles(), call)
    }
    let chosen = try Sizes.axes(call.node.ints("axes") ?? Array(0..<rank), rank: rank)
    let roi = try call.optionalTensor(1)?.doubles() ?? []
    var regions: [(start: Double, end: Double)]?
    if options.coordinates == "tf_crop_and_resize" {
      guard roi.count == 2 * chosen.count else { throw call.failure("the region does not fit") }
      regions = chosen.indices.map { (roi[$0], roi[$0 + chosen.count]) }
    }
    if let scales = try call.optionalTensor(2)?.doubles(), !scales.isEmpty {
      return try scaled(shape, chosen, scales, call, regions)
    }
    guard let sizes = try call.ints(3), sizes.count == chosen.count,
      sizes.allSatisfy({ $0 >= 0 && $0 < 1 << 31 }), chosen.allSatisfy({ shape[$0] > 0 })
    else { throw call.failure("neither scales nor sizes fit the axes") }
    var scales = Swift.zip(chosen, sizes).map { Double($1) / Double(shape[$0]) }
    var outputs = sizes
    let policy = call.node.string("keep_aspect_ratio_policy", default: "stretch")
    if policy != "stretch" {
      let scale = (policy == "not_larger" ? scales.min() : scales.max()) ?? 1
      scales = scales.map { _ in scale }
      outputs = chosen.map { Int((scale * Double(shape[$0])) + 0.5) }
    }
    return chosen.indices.map { index in
      Axis(
        axis: chosen[index], input: shape[chosen[index]], output: outputs[index],
        scale: scales[index], region: regions?[index])
    }
  }

  private static func scaled(
    _ shape: [Int], _ axes: [Int], _ scales: [Double], _ call: KernelCall,
    _ regions: [(start: Double, end: Double)]? = nil
  ) throws(SurgeonError) -> [Axis] {
    guard scales.count == axes.count, scales.allSatisfy({ $0 > 0 && $0 < 0x1p31 }) else {
      throw call.failure("the scales \(scales) do not fit the axes \(axes)")
    }
    return axes.indices.map { index in
      let size = shape[axes[index]]
      return Axis(
        axis: axes[index], input: size, output: Int(Double(size) * scales[index]),
        scale: scales[index], region: regions?[index])
    }
  }

  private static func interpolate(
    _ tensor: Tensor, _ axes: [Axis], _ options: ResizeOptions, _ call: KernelCall
  ) throws(SurgeonError) -> Tensor {
    let active = axes.filter { $0.scale != 1 || $0.output != $0.input || $0.region != nil }
    var target = tensor.shape
    for axis in active { target[axis.axis] = axis.output }
    guard try Sizes.count(target) > 0, tensor.count > 0 else {
      return try call.gather(tensor, blocks: [], length: 0, shape: target)
    }
    if options.mode == "nearest" {
      var maps: [[Int]?] = Array(repeating: nil, count: tensor.shape.count)
      for axis in active {
        maps[axis.axis] = (0..<axis.output).map { options.nearest(axis, $0) }
      }
      let fill = try Tensor.converting(
        [options.extrapolation], to: tensor.elementType, shape: [])
      return try call.mapped(tensor, maps, fill: fill)
    }
    guard options.mode == "linear" || options.mode == "cubic" else {
      throw call.failure("there is no mode '\(options.mode)'")
    }
    var numbers = try tensor.doubles()
    var shape = tensor.shape
    for axis in active {
      let taps = (0..<axis.output).map { options.taps(axis, $0) }
      numbers = weighted(numbers, shape, axis.axis, taps, options.extrapolation)
      shape[axis.axis] = axis.output
    }
    if !tensor.elementType.isFloatingPoint {
      numbers = numbers.map { $0.rounded(.towardZero) }
    }
    return try .converting(numbers, to: tensor.elementType, shape: shape)
  }

  /// Each element along an axis as a weighted sum; nil taps mean the value outside.
  private static func weighted(
    _ numbers: [Double], _ shape: [Int], _ axis: Int, _ taps: [[(Int, Double)]?],
    _ outside: Double
  ) -> [Double] {
    let (outer, size, inner) = Sizes.split(shape, at: axis)
    var result = Array(repeating: 0.0, count: outer * taps.count * inner)
    numbers.withUnsafeBufferPointer { source in
      result.withUnsafeMutableBufferPointer { target in
        for row in 0..<outer {
          for (position, entry) in taps.enumerated() {
            let out = (row * taps.count + position) * inner
            guard let entry else {
              for column in 0..<inner { target[out + column] = outside }
              continue
            }
            for (index, weight) in entry {
              let start = (row * size + index) * inner
              for column in 0..<inner { target[out + column] += weight * source[start + column] }
            }
          }
        }
      }
    }
    return result
  }
}

/// The attributes of Resize, and the arithmetic of one axis.
struct ResizeOptions {
  let mode: String
  let coordinates: String
  let nearestMode: String
  let cubicCoefficient: Double
  let excludesOutside: Bool
  let extrapolation: Double
  let antialiases: Bool

  init(_ node: NodeDescription) throws(SurgeonError) {
    // Upsample and Resize before version 11 know neither the names nor the choice.
    let isOld = node.opset < 11
    let named = node.string("mode", default: "nearest")
    mode = named == "bilinear" || named == "trilinear" ? "linear" : named
    coordinates =
      isOld ? "asymmetric" : node.string("coordinate_transformation_mode", default: "half_pixel")
    nearestMode = isOld ? "floor" : node.string("nearest_mode", default: "round_prefer_floor")
    cubicCoefficient = node.float("cubic_coeff_a", default: -0.75)
    excludesOutside = node.flag("exclude_outside")
    extrapolation = node.float("extrapolation_value", default: 0)
    antialiases = node.flag("antialias")
    let known = [
      "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
      "tf_half_pixel_for_nn", "tf_crop_and_resize",
    ]
    guard known.contains(coordinates) else {
      throw SurgeonError(.invalidNode, "there is no coordinate mode '\(coordinates)'")
    }
  }

  /// Where output position `index` lies in the input; nil outside of a region's input.
  func coordinate(_ axis: Resizing.Axis, _ index: Int) -> Double? {
    let x = Double(index)
    let input = Double(axis.input)
    // What the scale says, which a rounded output size may differ from.
    let output = axis.scale * input
    switch coordinates {
    case "align_corners": return output == 1 ? 0 : x * (input - 1) / (output - 1)
    case "asymmetric": return x / axis.scale
    case "pytorch_half_pixel": return output == 1 ? -0.5 : (x + 0.5) / axis.scale - 0.5
    case "half_pixel_symmetric":
      let offset = input / 2 * (1 - Double(axis.output) / output)
      return offset + (x + 0.5) / axis.scale - 0.5
    case "tf_half_pixel_for_nn": return (x + 0.5) / axis.scale
    case "tf_crop_and_resize":
      let region = axis.region ?? (0, 1)
      let width = (region.end - region.start) * (input - 1)
      let position =
        region.start * (input - 1) + (axis.output == 1 ? width / 2 : x * width / (output - 1))
      return position >= 0 && position <= input - 1 ? position : nil
    default: return (x + 0.5) / axis.scale - 0.5
    }
  }

  /// The input position nearest to an output position, -1 for the value outside.
  func nearest(_ axis: Resizing.Axis, _ index: Int) -> Int {
    guard let x = coordinate(axis, index) else { return -1 }
    let rounded: Double
    switch nearestMode {
    case "floor": rounded = x.rounded(.down)
    case "ceil": rounded = x.rounded(.up)
    case "round_prefer_ceil": rounded = (x + 0.5).rounded(.down)
    default: rounded = (x - 0.5).rounded(.up)
    }
    return Int(min(max(rounded, 0), Double(axis.input - 1)))
  }

  /// The input positions that an output position mixes, with their weights; nil for the value
  /// outside.
  func taps(_ axis: Resizing.Axis, _ index: Int) -> [(Int, Double)]? {
    guard let x = coordinate(axis, index) else { return nil }
    let floor = x.rounded(.down)
    // A tap at distance d (in input elements) weighs kernel(d); antialiasing stretches the kernel
    // when the axis shrinks.
    let stretch = antialiases ? min(axis.scale, 1) : 1
    let reach = mode == "linear" ? 1.0 : 2.0
    let radius = Int((reach / stretch).rounded(.up))
    var taps: [(position: Int, weight: Double)] = []
    for offset in (1 - radius - 1)...(radius + 1) {
      let position = Int(floor) + offset
      let weight = kernel((Double(position) - x) * stretch)
      if weight != 0 { taps.append((position, weight)) }
    }
    if excludesOutside { taps.removeAll { $0.position < 0 || $0.position >= axis.input } }
    let total = taps.map(\.weight).reduce(0, +)
    let norm = total == 0 || !(antialiases || excludesOutside) ? 1 : total
    return taps.map { (min(max($0.position, 0), axis.input - 1), $0.weight / norm) }
  }

  private func kernel(_ distance: Double) -> Double {
    let x = distance.magnitude
    if mode == "linear" { return max(0, 1 - x) }
    let a = cubicCoefficient
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
    return 0
  }
}
