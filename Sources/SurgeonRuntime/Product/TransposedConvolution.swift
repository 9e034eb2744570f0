internal import CKernels

extension ConvolutionGeometry {
  /// True for a transposed convolution whose kernels cover the output side by side, two elements wide.
  fileprivate var isTiled: Bool {
    kernel.last == 2 && kernel == stride && dilation.allSatisfy { $0 == 1 }
      && padding.allSatisfy { $0 == 0 } && output == zip(input, stride).map(*)
  }
}

extension ConvolutionProduct {
  /// The transposed convolution: every input element adds the kernel, scaled, to the output.
  ///
  /// Weights are [groups * inputChannels, outputChannels, kernel]. Results whose positions leave the
  /// same remainders by the strides are read by the same kernel positions, from inputs side by side:
  /// each such phase is a convolution of stride 1.
  package static func convolveTransposed<T: ProductScalar>(
    _ geometry: ConvolutionGeometry, x: UnsafePointer<T>, weights: UnsafePointer<T>,
    bias: UnsafePointer<T>?, y: UnsafeMutablePointer<T>, threads: Int
  ) {
    ConvolutionPlan(
      geometry, isTransposed: true, elementSize: MemoryLayout<T>.stride, threads: threads
    ).compute(x: x, weights: weights, bias: bias, y: y)
  }

  /// The products of one group and where the results of each begin; there are gaps between them where no
  /// input reaches some results.
  static func transposedShapes(
    _ g: ConvolutionGeometry
  ) -> (hasGaps: Bool, parts: [(shape: ProductPlan.Shape, first: Int)]) {
    if g.isTiled { return (false, [(tiledShape(g), 0)]) }
    let phases = g.input.indices.map { Phase.all(g, axis: $0) }
    // Where a stride is longer than the kernel, no input reaches some results.
    let hasGaps = g.input.indices.contains { phases[$0].count < min(g.stride[$0], g.output[$0]) }
    let parts = combinations(phases).map { chosen in
      let axes = spatialAxes(g) { chosen[$0].axis }
      // The kernel positions of this phase, in the order of the axes' taps.
      var taps = [0]
      for (axis, phase) in chosen.enumerated() {
        taps = taps.flatMap { outer in
          phase.kernelPositions.map { outer * g.kernel[axis] + $0 }
        }
      }
      var first = 0
      for (axis, phase) in chosen.enumerated() { first = first * g.output[axis] + phase.remainder }
      let shape = ProductPlan.Shape(
        rows: g.outputChannels, leftRowStep: g.taps, leftChannelStep: g.outputChannels * g.taps,
        leftTaps: taps, channels: g.inputChannels, channelStep: g.inputPlane,
        sourceCount: g.inputChannels * g.inputPlane, resultRowStep: g.outputPlane, axes: axes)
      return (shape, first)
    }
    return (hasGaps, parts)
  }

  /// The transposed convolution whose kernels lie side by side: one product, whose rows are filters and
  /// kernel positions. Each two rows are neighbours along the last axis, and so are their results.
  private static func tiledShape(_ g: ConvolutionGeometry) -> ProductPlan.Shape {
    var shape = ProductPlan.Shape(
      rows: g.outputChannels * g.taps, leftRowStep: 1, leftChannelStep: g.outputChannels * g.taps,
      channels: g.inputChannels, channelStep: g.inputPlane,
      sourceCount: g.inputChannels * g.inputPlane, resultRowStep: 0,
      axes: spatialAxes(g) { axis in
        ProductAxis(
          source: g.input[axis], sourceStep: 1, output: g.input[axis], outputStep: g.stride[axis])
      })
    for filter in 0..<g.outputChannels {
      for position in 0..<(g.taps / 2) {
        // Of the position without the last axis, along which the pair lies.
        var (rest, step, target) = (position, g.output.last ?? 1, filter * g.outputPlane)
        for axis in g.input.indices.dropLast().reversed() {
          target += rest % g.kernel[axis] * step
          rest /= g.kernel[axis]
          step *= g.output[axis]
        }
        shape.pairs.append(ck_pair(target: Int64(target), bias: Int64(filter)))
      }
    }
    return shape
  }

  /// The results along one axis whose positions leave one remainder.
  private struct Phase {
    let remainder: Int
    let axis: ProductAxis
    /// The kernel positions that reach them, one for each of the axis's taps.
    let kernelPositions: [Int]

    /// Those that an input reaches.
    static func all(_ g: ConvolutionGeometry, axis: Int) -> [Phase] {
      let (stride, dilation) = (g.stride[axis], g.dilation[axis])
      let (size, padding) = (g.output[axis], g.padding[axis])
      // Result o gets kernel position t times input i where o + padding = i stride + t dilation.
      let positions = Dictionary(grouping: 0..<g.kernel[axis]) { position in
        let remainder = (position * dilation - padding) % stride
        return remainder < 0 ? remainder + stride : remainder
      }
      return positions.filter { $0.key < size }.sorted { $0.key < $1.key }.map { entry in
        let (remainder, positions) = entry
        return Phase(
          remainder: remainder,
          axis: ProductAxis(
            source: g.input[axis], sourceStep: 1,
            output: (size - remainder + stride - 1) / stride, outputStep: stride,
            taps: positions.map { (remainder + padding - $0 * dilation) / stride }),
          kernelPositions: positions)
      }
    }
  }

  /// One of each list, in every way.
  private static func combinations(_ lists: [[Phase]]) -> [[Phase]] {
    lists.reduce([[]]) { chosen, list in chosen.flatMap { head in list.map { head + [$0] } } }
  }
}
