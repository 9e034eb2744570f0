internal import SurgeonIR

/// The sliding window of convolutions and pooling: kernel, strides, dilations and pads, read from
/// the attributes that all of these operators share.
struct Window {
  var kernel: [Dimension]
  var strides: [Int]
  var dilations: [Int]
  /// Begin of every axis, then end of every axis; nil where auto_pad decides.
  var pads: [Int]?
  var autoPad: String
  var roundsUp: Bool

  var rank: Int { kernel.count }

  init(_ node: borrowing NodeInference, kernel: [Dimension]) throws(SurgeonError) {
    self.kernel = kernel
    for case let size? in kernel.map(\.value) where size < 1 || size > Int32.max {
      throw node.error("the kernel has a size of \(size)")
    }
    let rank = kernel.count
    strides = try Self.list("strides", of: node, count: rank, default: 1)
    dilations = try Self.list("dilations", of: node, count: rank, default: 1)
    autoPad = node.string("auto_pad") ?? "NOTSET"
    switch autoPad {
    case "SAME_UPPER", "SAME_LOWER": pads = nil
    case "VALID": pads = Array(repeating: 0, count: 2 * rank)
    // The operators' first versions wrote no pads with an empty word.
    case "NOTSET", "": pads = try Self.list("pads", of: node, count: 2 * rank, default: 0)
    default: throw node.error("auto_pad is '\(autoPad)'")
    }
    for stride in strides where stride < 1 { throw node.error("a stride is \(stride)") }
    for dilation in dilations where dilation < 1 { throw node.error("a dilation is \(dilation)") }
    roundsUp = node.int("ceil_mode", default: 0) == 1
  }

  private static func list(
    _ name: String, of node: borrowing NodeInference, count: Int, default fallback: Int
  ) throws(SurgeonError) -> [Int] {
    guard let values = node.ints(name), !values.isEmpty else {
      return Array(repeating: fallback, count: count)
    }
    guard values.count == count else {
      throw node.error("\(name) has \(values.count) entries where \(count) are needed")
    }
    guard values.allSatisfy({ abs($0) <= Int32.max }) else {
      throw node.error("\(name) is \(values)")
    }
    return values
  }

  /// How far the window reaches along `axis`, dilation included.
  private func extent(_ axis: Int) -> Int? {
    kernel[axis].value.map { ($0 - 1) * dilations[axis] + 1 }
  }

  /// The size of the output along `axis`; a name passes where the window keeps the size.
  func outputSize(
    _ input: Dimension, axis: Int, node: borrowing NodeInference
  ) throws(SurgeonError) -> Dimension {
    let stride = strides[axis]
    guard let pads else {
      return stride == 1 ? input : input.map { ($0 + stride - 1) / stride }
    }
    let padding = pads[axis] + pads[axis + rank]
    guard let extent = extent(axis) else { return .unknown }
    if stride == 1, padding == extent - 1 { return input }
    guard let size = input.value else { return .unknown }
    let room = size + padding - extent
    guard room >= 0 else {
      throw node.error(
        "along spatial axis \(axis) the window of \(extent) is larger than the padded input of "
          + "\(size + padding)")
    }
    var steps = room / stride
    // The last window may hang over the end, but must not start beyond the input.
    if roundsUp, room % stride != 0, (steps + 1) * stride < size + pads[axis] { steps += 1 }
    return .known(steps + 1)
  }

  func outputSizes(
    _ input: some Sequence<Dimension>, node: borrowing NodeInference
  ) throws(SurgeonError) -> [Dimension] {
    var result: [Dimension] = []
    for (axis, size) in input.enumerated() {
      result.append(try outputSize(size, axis: axis, node: node))
    }
    return result
  }
}
