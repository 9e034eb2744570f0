package import CKernels
internal import SurgeonThreads

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

  /// True where the window is one element and reads every element once, so that nothing needs to
  /// be unrolled.
  package var isPointwise: Bool {
    taps == 1 && stride.allSatisfy { $0 == 1 } && padding.allSatisfy { $0 == 0 } && input == output
  }

  /// The window in three dimensions, the missing ones of size 1.
  package var window: ck_window {
    func triple(_ sizes: [Int], _ filler: Int) -> (Int64, Int64, Int64) {
      let all = Array(repeating: Int64(filler), count: 3 - sizes.count) + sizes.map(Int64.init)
      return (all[0], all[1], all[2])
    }
    return ck_window(
      input: triple(input, 1), kernel: triple(kernel, 1), stride: triple(stride, 1),
      dilation: triple(dilation, 1), padding: triple(padding, 0), output: triple(output, 1))
  }
}

/// Convolutions of the reference engine as matrix products whose right factor, the unrolled image,
/// is packed block by block and never exists as a whole.
package enum ConvolutionProduct {
  /// `y = x * weights + bias`, all row-major; weights are [groups * outputChannels, inputChannels,
  /// kernel].
  package static func convolve<T: ProductScalar>(
    _ g: ConvolutionGeometry, x: UnsafePointer<T>, weights: UnsafePointer<T>,
    bias: UnsafePointer<T>?, y: UnsafeMutablePointer<T>, threads: Int
  ) {
    fill(y, with: bias, images: g.batch, channels: g.groups * g.outputChannels, g.outputPlane)
    guard g.outputPlane > 0, g.inputPlane > 0 else { return }
    if g.input.count > 3 {
      addPeeled(g, isTransposed: false, x: x, weights: weights, y: y, threads: threads)
    } else if g.outputChannels < 4 {
      correlate(g, x: x, weights: weights, y: y, threads: threads)
    } else {
      multiply(g, x: x, weights: weights, y: y, threads: threads)
    }
  }

  private static func multiply<T: ProductScalar>(
    _ g: ConvolutionGeometry, x: UnsafePointer<T>, weights: UnsafePointer<T>,
    y: UnsafeMutablePointer<T>, threads: Int
  ) {
    let depth = g.inputChannels * g.taps
    let packedCount = MatrixProduct.packedCount(rows: g.outputChannels, depth: depth, T.self)
    let packed = MatrixProduct.aligned(packedCount * g.groups, T.self)
    defer { packed.deallocate() }
    for group in 0..<g.groups {
      let matrix = MatrixView(
        base: weights + group * g.outputChannels * depth, rowStride: depth, columnStride: 1)
      MatrixProduct.pack(
        matrix, rows: g.outputChannels, depth: depth, alpha: 1,
        threads: threads, into: packed + group * packedCount)
    }
    let window = g.isPointwise ? nil : g.window
    var products: [PackedProduct<T>] = []
    for image in 0..<g.batch {
      for group in 0..<g.groups {
        let part = image * g.groups + group
        products.append(
          PackedProduct(
            rows: g.outputChannels, columns: g.outputPlane, depth: depth,
            packed: packed + group * packedCount,
            right: MatrixView(
              base: x + part * g.inputChannels * g.inputPlane, rowStride: g.inputPlane,
              columnStride: 1),
            window: window, result: y + part * g.outputChannels * g.outputPlane,
            resultRowStride: g.outputPlane, accumulates: true))
      }
    }
    MatrixProduct.compute(products, threads: threads)
  }

  /// Few outputs for each group: a product would compute mostly padding.
  private static func correlate<T: ProductScalar>(
    _ g: ConvolutionGeometry, x: UnsafePointer<T>, weights: UnsafePointer<T>,
    y: UnsafeMutablePointer<T>, threads: Int
  ) {
    let window = g.window
    let rows = Int(window.output.0 * window.output.1)
    let filter = g.inputChannels * g.taps
    ThreadPool.shared.run(count: g.batch * g.groups * g.outputChannels, threads: threads) { task in
      let part = task / g.outputChannels
      let filterIndex = task % (g.groups * g.outputChannels)
      T.correlate(
        window, channels: g.inputChannels, x: x + part * g.inputChannels * g.inputPlane,
        weights: weights + filterIndex * filter, rows: 0..<rows, y: y + task * g.outputPlane)
    }
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
