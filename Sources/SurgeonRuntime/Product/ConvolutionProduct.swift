/// What a convolution (or a transposed one) computes, in plain numbers.
///
/// Sizes are outermost first and may have any rank. For a transposed convolution
/// `input`, `output` and the counts of channels are those of the node itself.
package struct ConvolutionGeometry {
  package var batch: Int
  package var groups: Int
  /// Channels of one group of the input and of the output.
  package var inputChannels: Int
  package var outputChannels: Int
  package var input: [Int]
  package var output: [Int]
  package var kernel: [Int]
  package var stride: [Int]
  package var dilation: [Int]
  /// Padding before the first element of each dimension.
  package var padding: [Int]

  package init(
    batch: Int, groups: Int, inputChannels: Int, outputChannels: Int, input: [Int], output: [Int],
    kernel: [Int], stride: [Int], dilation: [Int], padding: [Int]
  ) {
    self.batch = batch
    self.groups = groups
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.input = input
    self.output = output
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
  }

  package var taps: Int { kernel.reduce(1, *) }
  package var inputPlane: Int { input.reduce(1, *) }
  package var outputPlane: Int { output.reduce(1, *) }

  /// The same convolution without the dimensions at the end in which there is nothing to convolve
  /// (one is left); the memory is the same.
  ///
  /// A column of positions, such as audio in a two-dimensional convolution, becomes a row, along
  /// which implementations are fast.
  package var withoutTrivialEnd: ConvolutionGeometry {
    let last = kernel.indices.last { axis in
      !(input[axis] == 1 && kernel[axis] == 1 && output[axis] == 1 && padding[axis] == 0)
    }
    let rank = (last ?? 0) + 1
    var copy = self
    copy.input = Array(input[..<rank])
    copy.output = Array(output[..<rank])
    copy.kernel = Array(kernel[..<rank])
    copy.stride = Array(stride[..<rank])
    copy.dilation = Array(dilation[..<rank])
    copy.padding = Array(padding[..<rank])
    return copy
  }

  /// A convolution of rows as one of images that are one line high.
  var asImage: ConvolutionGeometry {
    var copy = self
    copy.input.insert(1, at: 0)
    copy.output.insert(1, at: 0)
    copy.kernel.insert(1, at: 0)
    copy.stride.insert(1, at: 0)
    copy.dilation.insert(1, at: 0)
    copy.padding.insert(0, at: 0)
    return copy
  }

  /// True where the window is one element and reads every element once.
  package var isPointwise: Bool {
    taps == 1 && stride.allSatisfy { $0 == 1 } && padding.allSatisfy { $0 == 0 } && input == output
  }
}

/// Convolutions of the reference engine as products of the weights with the unrolled image, which never
/// exists: the products read copies of a few lines of the image.
package enum ConvolutionProduct {
  /// `y = x * weights + bias`, all row-major; weights are [groups * outputChannels, inputChannels,
  /// kernel].
  package static func convolve<T: ProductScalar>(
    _ geometry: ConvolutionGeometry, x: UnsafePointer<T>, weights: UnsafePointer<T>,
    bias: UnsafePointer<T>?, y: UnsafeMutablePointer<T>, threads: Int
  ) {
    ConvolutionPlan(
      geometry, isTransposed: false, elementSize: MemoryLayout<T>.stride, threads: threads
    ).compute(x: x, weights: weights, bias: bias, y: y)
  }

  /// The product of one group.
  static func shape(_ g: ConvolutionGeometry) -> ProductPlan.Shape {
    ProductPlan.Shape(
      rows: g.outputChannels, leftRowStep: g.inputChannels * g.taps, leftChannelStep: g.taps,
      leftTaps: Array(0..<g.taps), channels: g.inputChannels, channelStep: g.inputPlane,
      sourceCount: g.inputChannels * g.inputPlane, resultRowStep: g.outputPlane, axes: axes(g))
  }

  private static func axes(_ g: ConvolutionGeometry) -> [ProductAxis] {
    if g.isPointwise {
      return [
        .single, .single,
        ProductAxis(source: g.inputPlane, sourceStep: 1, output: g.outputPlane, outputStep: 1),
      ]
    }
    return spatialAxes(g) { axis in
      ProductAxis(
        source: g.input[axis], sourceStep: 1, output: g.output[axis], outputStep: 1,
        stride: g.stride[axis],
        taps: (0..<g.kernel[axis]).map { $0 * g.dilation[axis] - g.padding[axis] })
    }
  }

  /// Three axes whose steps are those of row-major planes.
  ///
  /// - Parameter make: an axis as if it were the only one.
  static func spatialAxes(
    _ g: ConvolutionGeometry, _ make: (Int) -> ProductAxis
  ) -> [ProductAxis] {
    var result: [ProductAxis] = []
    var (source, output) = (1, 1)
    for axis in g.input.indices.reversed() {
      var made = make(axis)
      made.sourceStep *= source
      made.outputStep *= output
      source *= g.input[axis]
      output *= g.output[axis]
      result.insert(made, at: 0)
    }
    return Array(repeating: .single, count: 3 - result.count) + result
  }

  package static func fill<T: ProductScalar>(
    _ y: UnsafeMutablePointer<T>, with bias: UnsafePointer<T>?, images: Int, channels: Int,
    _ plane: Int
  ) {
    for image in 0..<images {
      for channel in 0..<channels {
        (y + (image * channels + channel) * plane).update(
          repeating: bias?[channel] ?? 0, count: plane)
      }
    }
  }
}
