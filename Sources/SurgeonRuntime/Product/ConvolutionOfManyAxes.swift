extension ConvolutionProduct {
  /// Adds a convolution of more than three spatial axes to `y`, whichever way it goes: the first
  /// axis is peeled off, and each of its kernel positions adds a convolution of the other axes,
  /// from one slice of the input to one of the output.
  static func addPeeled<T: ProductScalar>(
    _ g: ConvolutionGeometry, isTransposed: Bool, x: UnsafePointer<T>, weights: UnsafePointer<T>,
    y: UnsafeMutablePointer<T>, threads: Int
  ) {
    var inner = g
    inner.batch = 1
    for path in [
      \ConvolutionGeometry.input, \.output, \.kernel, \.stride, \.dilation, \.padding,
    ] {
      inner[keyPath: path].removeFirst()
    }
    let (inputs, outputs) = (g.groups * g.inputChannels, g.groups * g.outputChannels)
    let filters = g.groups * g.inputChannels * g.outputChannels
    let source = Slices<T>(rows: inputs, length: inner.inputPlane)
    let filter = Slices<T>(rows: filters, length: inner.taps)
    let result = Slices<T>(rows: outputs, length: inner.outputPlane)
    defer {
      source.deallocate()
      filter.deallocate()
      result.deallocate()
    }
    for tap in 0..<g.kernel[0] {
      filter.copy(tap, of: g.kernel[0], from: weights)
      let offset = tap * g.dilation[0] - g.padding[0]
      // The positions of one axis follow from those of the other, which is convolved without gaps.
      for position in 0..<(isTransposed ? g.input[0] : g.output[0]) {
        let other = position * g.stride[0] + offset
        guard other >= 0, other < (isTransposed ? g.output[0] : g.input[0]) else { continue }
        let (from, to) = isTransposed ? (position, other) : (other, position)
        for image in 0..<g.batch {
          source.copy(from, of: g.input[0], from: x + image * inputs * g.inputPlane)
          if isTransposed {
            convolveTransposed(
              inner, x: source.base, weights: filter.base, bias: nil, y: result.base,
              threads: threads)
          } else {
            convolve(
              inner, x: source.base, weights: filter.base, bias: nil, y: result.base,
              threads: threads)
          }
          result.add(to, of: g.output[0], to: y + image * outputs * g.outputPlane)
        }
      }
    }
  }
}

/// One slice along an axis, for each row of a larger tensor, side by side.
private struct Slices<T: ProductScalar> {
  let rows: Int
  let length: Int
  let base: UnsafeMutablePointer<T>

  init(rows: Int, length: Int) {
    self.rows = rows
    self.length = length
    base = .allocate(capacity: max(1, rows * length))
  }

  func deallocate() { base.deallocate() }

  /// Reads slice `index` of `count` from each row.
  func copy(_ index: Int, of count: Int, from tensor: UnsafePointer<T>) {
    for row in 0..<rows {
      (base + row * length).update(from: tensor + (row * count + index) * length, count: length)
    }
  }

  /// Adds to slice `index` of `count` of each row.
  func add(_ index: Int, of count: Int, to tensor: UnsafeMutablePointer<T>) {
    for row in 0..<rows {
      let target = tensor + (row * count + index) * length
      for element in 0..<length { target[element] += base[row * length + element] }
    }
  }
}
