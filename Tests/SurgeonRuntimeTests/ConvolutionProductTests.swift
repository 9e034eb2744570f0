import SurgeonRuntime
import Testing

@Suite struct ConvolutionProductTests {
  static let geometries: [ConvolutionGeometry] = [
    // Dense 2-D, wider than a tile; 1-D with a long kernel; 3-D strided; pointwise; dilated.
    geometry(groups: 1, 5, 9, [13, 29], kernel: [3, 3], padding: [1, 1]),
    geometry(groups: 1, 1, 6, [700], kernel: [300], stride: [4], padding: [120]),
    geometry(
      groups: 1, 3, 10, [6, 9, 11], kernel: [3, 3, 2], stride: [2, 1, 2], padding: [1, 0, 1]),
    geometry(batch: 2, groups: 1, 40, 12, [7, 9], kernel: [1, 1]),
    geometry(groups: 1, 4, 8, [17, 19], kernel: [3, 2], dilation: [2, 5], padding: [2, 3]),
    // Grouped, depthwise with and without a multiplier, strided depthwise.
    geometry(batch: 2, groups: 3, 4, 5, [9, 9], kernel: [3, 3], padding: [1, 1]),
    geometry(batch: 2, groups: 7, 1, 1, [10, 12], kernel: [3, 3], padding: [1, 1]),
    geometry(groups: 4, 1, 3, [11, 13], kernel: [5, 5], stride: [2, 2], padding: [2, 2]),
    geometry(
      groups: 2, 1, 2, [5, 6, 7], kernel: [3, 1, 3], dilation: [1, 1, 2], padding: [1, 0, 2]),
    // A line and a plane longer than a block, and lines so short that a vector takes several.
    geometry(groups: 1, 300, 3, [41, 23], kernel: [1, 1]),
    geometry(groups: 1, 2, 7, [2, 900], kernel: [2, 5], padding: [1, 2]),
    geometry(batch: 2, groups: 1, 30, 16, [4, 4, 3], kernel: [3, 3, 3], padding: [1, 1, 1]),
    // Strides that skip elements, a dilation longer than a line, a kernel longer than the image.
    geometry(groups: 1, 20, 21, [9, 10], kernel: [1, 1], stride: [2, 3]),
    geometry(groups: 1, 3, 5, [20, 12], kernel: [3, 3], dilation: [6, 9], padding: [6, 9]),
    geometry(groups: 2, 2, 4, [3, 4], kernel: [5, 7], stride: [2, 1], padding: [3, 4]),
    // Depthwise: kernels of 3, 5 and 7 lines, lines of one vector, of two, of many, and of a part.
    geometry(batch: 2, groups: 70, 1, 1, [7, 7], kernel: [3, 3], padding: [1, 1]),
    geometry(groups: 5, 1, 1, [30, 70], kernel: [3, 3], padding: [0, 2]),
    geometry(groups: 3, 1, 2, [14, 15], kernel: [5, 4], padding: [2, 1]),
    geometry(groups: 2, 1, 4, [9, 33], kernel: [7, 7], padding: [3, 3]),
    geometry(groups: 3, 1, 1, [6, 1], kernel: [3, 3], padding: [1, 1]),
    // Windows of 3x3 where they are in the source: lines of seven and of eight and what is left of
    // them, padding of a vector and more, none, planes and lines in the padding, few channels.
    geometry(groups: 2, 1, 1, [23, 16], kernel: [3, 3], padding: [0, 0]),
    geometry(groups: 9, 1, 2, [8, 17], kernel: [3, 3], padding: [5, 19]),
    geometry(groups: 2, 1, 1, [14, 33], kernel: [3, 3], stride: [2, 2], padding: [0, 18]),
    geometry(groups: 9, 1, 1, [1, 3], kernel: [3, 3], stride: [2, 2], padding: [2, 2]),
    geometry(groups: 2, 3, 2, [15, 26], kernel: [3, 3], stride: [2, 2], padding: [1, 0]),
    geometry(
      groups: 9, 1, 1, [5, 9, 18], kernel: [3, 3, 3], stride: [2, 2, 2], padding: [3, 1, 1]),
    geometry(
      groups: 1, 2, 2, [6, 7, 31], kernel: [2, 3, 3], dilation: [3, 1, 1], padding: [2, 1, 4]),
    geometry(groups: 2, 1, 1, [12, 19], kernel: [3, 3], stride: [2, 1], padding: [1, 1]),
    geometry(batch: 3, groups: 50, 1, 1, [14, 14], kernel: [3, 3], padding: [1, 1]),
    geometry(
      batch: 2, groups: 40, 1, 1, [14, 14], kernel: [3, 3], stride: [2, 2], padding: [1, 1]),
    geometry(groups: 12, 1, 2, [28, 28], kernel: [3, 3], padding: [1, 1]),
    // Lines of whole vectors, which end where the plane ends.
    geometry(groups: 37, 1, 1, [7, 8], kernel: [3, 3], padding: [1, 1]),
    geometry(batch: 2, groups: 11, 1, 1, [9, 16], kernel: [3, 3], padding: [1, 1]),
    geometry(batch: 2, groups: 5, 2, 1, [15, 24], kernel: [3, 3], padding: [1, 1]),
    // The same of 5x5.
    geometry(batch: 2, groups: 60, 1, 1, [7, 7], kernel: [5, 5], padding: [2, 2]),
    geometry(groups: 10, 1, 1, [28, 28], kernel: [5, 5], padding: [2, 2]),
    geometry(groups: 9, 1, 2, [8, 17], kernel: [5, 5], padding: [7, 21]),
    geometry(groups: 2, 3, 1, [9, 40], kernel: [5, 5], padding: [0, 1]),
    geometry(groups: 20, 1, 1, [15, 14], kernel: [5, 5], stride: [2, 2], padding: [2, 2]),
    geometry(groups: 3, 1, 1, [31, 45], kernel: [5, 5], stride: [2, 2], padding: [0, 3]),
    geometry(groups: 9, 1, 1, [1, 3], kernel: [5, 5], stride: [2, 2], padding: [2, 9]),
    geometry(
      groups: 5, 1, 1, [4, 9, 18], kernel: [3, 5, 5], stride: [1, 2, 2], padding: [3, 2, 2]),
    // Strides of both kinds of copy, dilations, a plane of several blocks, an output in the padding.
    geometry(groups: 3, 1, 1, [112, 60], kernel: [3, 3], stride: [2, 2], padding: [1, 1]),
    geometry(groups: 2, 1, 1, [23, 31], kernel: [3, 5], stride: [3, 3], padding: [1, 2]),
    geometry(groups: 2, 1, 1, [33, 37], kernel: [3, 3], dilation: [3, 2], padding: [3, 2]),
    geometry(
      groups: 3, 1, 2, [25, 24], kernel: [3, 3], stride: [2, 2], dilation: [2, 3], padding: [2, 3]),
    geometry(groups: 2, 1, 1, [2, 3], kernel: [2, 2], padding: [4, 4]),
    // Lines alone, volumes of one block and of several, groups of few channels.
    geometry(batch: 2, groups: 4, 1, 1, [1000], kernel: [31], padding: [15]),
    geometry(groups: 2, 1, 1, [9000], kernel: [4], stride: [2], padding: [1]),
    geometry(groups: 3, 1, 1, [9, 10, 11], kernel: [3, 3, 3], padding: [1, 1, 1]),
    geometry(
      groups: 2, 1, 1, [40, 31, 30], kernel: [3, 1, 3], stride: [1, 2, 2], padding: [1, 0, 1]),
    geometry(groups: 3, 2, 2, [12, 20], kernel: [3, 3], padding: [1, 1]),
    geometry(groups: 1, 16, 1, [10, 19], kernel: [3, 3], padding: [1, 1]),
    // Kernels side by side, whose transposed convolution is one product.
    geometry(batch: 2, groups: 1, 5, 3, [18, 22], kernel: [2, 2], stride: [2, 2]),
    geometry(groups: 2, 3, 2, [6, 8, 34], kernel: [3, 2, 2], stride: [3, 2, 2]),
    geometry(groups: 1, 4, 300, [50], kernel: [2], stride: [2]),
    // Many more results than there is to read, in several blocks.
    geometry(groups: 1, 3, 101, [31, 40], kernel: [3, 3], padding: [1, 1]),
    geometry(groups: 1, 20, 350, [700], kernel: [1]),
    // More summands than one slice has.
    geometry(groups: 2, 1, 1, [20, 22], kernel: [17, 17], padding: [8, 8]),
  ]

  static func geometry(
    batch: Int = 1, groups: Int, _ inputs: Int, _ outputs: Int, _ input: [Int], kernel: [Int],
    stride: [Int]? = nil, dilation: [Int]? = nil, padding: [Int]? = nil
  ) -> ConvolutionGeometry {
    let ones = input.map { _ in 1 }
    let (stride, dilation) = (stride ?? ones, dilation ?? ones)
    let padding = padding ?? input.map { _ in 0 }
    let output = input.indices.map {
      (input[$0] + 2 * padding[$0] - dilation[$0] * (kernel[$0] - 1) - 1) / stride[$0] + 1
    }
    return ConvolutionGeometry(
      batch: batch, groups: groups, inputChannels: inputs, outputChannels: outputs, input: input,
      output: output, kernel: kernel, stride: stride, dilation: dilation, padding: padding)
  }

  @Test(arguments: geometries.indices)
  func `a convolution agrees with its definition`(index: Int) {
    check(Self.geometries[index], Double.self)
    check(Self.geometries[index], Float.self)
  }

  @Test(arguments: geometries.indices)
  func `a transposed convolution is the adjoint of the convolution`(index: Int) {
    // <conv(x), y> = <x, convT(y)> for all x and y; in small integers both are exact.
    let g = Self.geometries[index]
    let x: [Double] = smallIntegers(g.batch * g.groups * g.inputChannels * g.inputPlane, seed: 5)
    let y: [Double] = smallIntegers(g.batch * g.groups * g.outputChannels * g.outputPlane, seed: 6)
    let filters: [Double] = smallIntegers(
      g.groups * g.outputChannels * g.inputChannels * g.taps, seed: 7)
    let forward = run(g, x: x, weights: filters, bias: nil, transposed: false)
    var mirrored = g
    (mirrored.input, mirrored.output) = (g.output, g.input)
    (mirrored.inputChannels, mirrored.outputChannels) = (g.outputChannels, g.inputChannels)
    let backward = run(mirrored, x: y, weights: filters, bias: nil, transposed: true)
    let left = zip(forward, y).map(*).reduce(0, +)
    let right = zip(x, backward).map(*).reduce(0, +)
    #expect(left == right)
  }

  @Test(arguments: geometries.indices)
  func `the number of threads changes no bit of a convolution`(index: Int) {
    let g = Self.geometries[index]
    let x = (0..<g.batch * g.groups * g.inputChannels * g.inputPlane).map { Double($0 % 97) / 7 }
    let filters = (0..<g.groups * g.outputChannels * g.inputChannels * g.taps).map {
      Double($0 % 89) / 11 - 4
    }
    let single = run(g, x: x, weights: filters, bias: nil, transposed: false, threads: 1)
    for threads in [2, 3, 7] {
      let other = run(g, x: x, weights: filters, bias: nil, transposed: false, threads: threads)
      #expect(other == single)
    }
  }

  @Test(arguments: geometries.indices)
  func `nothing is read beside the input`(index: Int) throws {
    let g = Self.geometries[index]
    let x: [Double] = smallIntegers(g.batch * g.groups * g.inputChannels * g.inputPlane, seed: 8)
    let filters: [Double] = smallIntegers(
      g.groups * g.outputChannels * g.inputChannels * g.taps, seed: 9)
    let expected = run(g, x: x, weights: filters, bias: nil, transposed: false)
    for isAtEnd in [false, true] {
      let input = try GuardedMemory(x, isAtEnd: isAtEnd)
      defer { input.deallocate() }
      var y = [Double](repeating: .nan, count: expected.count)
      ConvolutionProduct.convolve(
        g, x: input.base, weights: filters, bias: nil, y: &y, threads: 2)
      #expect(y == expected)
    }
  }

  @Test(arguments: geometries.indices)
  func `the number of threads changes no bit of a transposed convolution`(index: Int) {
    var g = Self.geometries[index]
    (g.input, g.output) = (g.output, g.input)
    (g.inputChannels, g.outputChannels) = (g.outputChannels, g.inputChannels)
    let x = (0..<g.batch * g.groups * g.inputChannels * g.inputPlane).map { Double($0 % 97) / 7 }
    let filters = (0..<g.groups * g.outputChannels * g.inputChannels * g.taps).map {
      Double($0 % 89) / 11 - 4
    }
    let single = run(g, x: x, weights: filters, bias: nil, transposed: true, threads: 1)
    for threads in [2, 5] {
      let other = run(g, x: x, weights: filters, bias: nil, transposed: true, threads: threads)
      #expect(other == single)
    }
  }

  private func check<T: ProductScalar>(_ g: ConvolutionGeometry, _ type: T.Type) {
    let x: [T] = smallIntegers(g.batch * g.groups * g.inputChannels * g.inputPlane, seed: 1)
    let filters: [T] = smallIntegers(
      g.groups * g.outputChannels * g.inputChannels * g.taps, seed: 2)
    let bias: [T] = smallIntegers(g.groups * g.outputChannels, seed: 3)
    let result = run(g, x: x, weights: filters, bias: bias, transposed: false)
    var expected: [T] = []
    for image in 0..<g.batch {
      for channel in 0..<(g.groups * g.outputChannels) {
        for position in 0..<g.outputPlane {
          var sum = bias[channel]
          for c in 0..<g.inputChannels {
            let plane = (image * g.groups + channel / g.outputChannels) * g.inputChannels + c
            for tap in 0..<g.taps {
              guard let offset = inputOffset(g, position: position, tap: tap) else { continue }
              sum +=
                filters[(channel * g.inputChannels + c) * g.taps + tap]
                * x[plane * g.inputPlane + offset]
            }
          }
          expected.append(sum)
        }
      }
    }
    #expect(result == expected)
  }

  /// Where kernel position `tap` of output `position` reads; nil in the padding.
  private func inputOffset(_ g: ConvolutionGeometry, position: Int, tap: Int) -> Int? {
    var (position, tap, offset, scale) = (position, tap, 0, 1)
    for axis in g.input.indices.reversed() {
      let coordinate =
        position % g.output[axis] * g.stride[axis] - g.padding[axis]
        + tap % g.kernel[axis] * g.dilation[axis]
      guard coordinate >= 0, coordinate < g.input[axis] else { return nil }
      offset += coordinate * scale
      scale *= g.input[axis]
      position /= g.output[axis]
      tap /= g.kernel[axis]
    }
    return offset
  }

  private func run<T: ProductScalar>(
    _ g: ConvolutionGeometry, x: [T], weights: [T], bias: [T]?, transposed: Bool,
    threads: Int = 2
  ) -> [T] {
    var y = [T](
      repeating: .nan, count: g.batch * g.groups * g.outputChannels * g.outputPlane)
    x.withUnsafeBufferPointer { x in
      weights.withUnsafeBufferPointer { weights in
        (bias ?? []).withUnsafeBufferPointer { biases in
          y.withUnsafeMutableBufferPointer { y in
            let bias = bias == nil ? nil : biases.baseAddress
            if transposed {
              ConvolutionProduct.convolveTransposed(
                g, x: x.baseAddress!, weights: weights.baseAddress!, bias: bias,
                y: y.baseAddress!, threads: threads)
            } else {
              ConvolutionProduct.convolve(
                g, x: x.baseAddress!, weights: weights.baseAddress!, bias: bias,
                y: y.baseAddress!, threads: threads)
            }
          }
        }
      }
    }
    return y
  }
}
