internal import SurgeonIR

/// The window of a convolution or a pool: how a node's attributes read for one input.
struct Window {
  var input: [Int]
  var kernel: [Int]
  var stride: [Int]
  var dilation: [Int]
  /// Padding before and after each spatial axis, as the node says or as `auto_pad` computes it.
  var before: [Int]
  var after: [Int]
  var output: [Int]

  /// - Parameter kernel: the window's size, from `kernel_shape` or from the weights.
  init(_ node: NodeDescription, input: [Int], kernel: [Int]) throws(SurgeonError) {
    let rank = input.count
    func list(_ name: String, _ other: Int, count: Int) throws(SurgeonError) -> [Int] {
      let values = node.ints(name) ?? Array(repeating: other, count: count)
      guard values.count == count, values.allSatisfy({ $0.magnitude < 1 << 31 }) else {
        throw SurgeonError(
          .invalidNode, "attribute '\(name)' has \(values.count) numbers where \(count) belong")
      }
      return values
    }
    guard kernel.count == rank, kernel.allSatisfy({ $0 > 0 && $0 < 1 << 31 }) else {
      throw SurgeonError(
        .invalidNode, "a window of size \(kernel) does not fit \(rank) spatial axes")
    }
    self.input = input
    self.kernel = kernel
    stride = try list("strides", 1, count: rank)
    dilation = try list("dilations", 1, count: rank)
    guard stride.allSatisfy({ $0 > 0 }), dilation.allSatisfy({ $0 > 0 }) else {
      throw SurgeonError(.invalidNode, "strides and dilations must be positive")
    }
    let pads = try list("pads", 0, count: 2 * rank)
    before = Array(pads[..<rank])
    after = Array(pads[rank...])
    output = []
    let reach = zip(kernel, dilation).map { ($0 - 1) * $1 + 1 }
    let mode = node.string("auto_pad", default: "NOTSET")
    for axis in 0..<rank {
      switch mode {
      case "SAME_UPPER", "SAME_LOWER":
        let size = (input[axis] + stride[axis] - 1) / stride[axis]
        let total = max(0, (size - 1) * stride[axis] + reach[axis] - input[axis])
        before[axis] = mode == "SAME_UPPER" ? total / 2 : total - total / 2
        after[axis] = total - before[axis]
        output.append(size)
      case "NOTSET", "VALID", "":
        if mode == "VALID" { (before[axis], after[axis]) = (0, 0) }
        let room = input[axis] + before[axis] + after[axis] - reach[axis]
        guard room >= 0 else {
          throw SurgeonError(
            .invalidNode, "the window of \(reach[axis]) is larger than the padded axis \(axis)")
        }
        var size = room / stride[axis] + 1
        if node.flag("ceil_mode"), room % stride[axis] != 0,
          // The last window has to start inside of the input or its left padding.
          size * stride[axis] < input[axis] + before[axis]
        {
          size += 1
        }
        output.append(size)
      default: throw SurgeonError(.invalidNode, "there is no auto_pad '\(mode)'")
      }
    }
  }

  /// The input positions below `end` and not before `start` that the window reads for output
  /// position `index` of `axis`: the first of them, and how many there are, `dilation` apart.
  func positions(_ axis: Int, _ index: Int, from start: Int, to end: Int) -> (
    first: Int, count: Int
  ) {
    let first = index * stride[axis] - before[axis]
    let step = dilation[axis]
    // Taps outside are skipped at once: a window may be far larger than its input.
    let skipped = first < start ? (start - first + step - 1) / step : 0
    let within = end <= first ? 0 : (end - first + step - 1) / step
    return (first + skipped * step, max(0, min(kernel[axis], within) - skipped))
  }

  /// For each axis how many elements the windows at each of its indices are averages of; nil where a window
  /// reads nothing of the input, and what it gives is not its size's to say.
  func averagedSizes(countingPadding: Bool) -> [[Float]]? {
    var result: [[Float]] = []
    for axis in input.indices {
      let before = countingPadding ? self.before[axis] : 0
      let after = countingPadding ? self.after[axis] : 0
      var sizes: [Float] = []
      for index in 0..<output[axis] {
        guard positions(axis, index, from: 0, to: input[axis]).count > 0 else { return nil }
        sizes.append(Float(positions(axis, index, from: -before, to: input[axis] + after).count))
      }
      result.append(sizes)
    }
    return result
  }

  var geometry: (Int, Int) { (input.reduce(1, *), output.reduce(1, *)) }
}
