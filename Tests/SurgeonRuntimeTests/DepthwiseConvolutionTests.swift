import SurgeonIR
import SurgeonRuntime
import Testing

/// Convolutions of one channel for each group, in Float64; other shapes are in
/// `ConvolutionProductTests`.
@Suite struct DepthwiseConvolutionTests {
  @Test func `each channel has its own kernel and bias`() throws {
    let plane: [Double] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    let sums: [Double] = [1, 1, 1, 1, 1, 1, 1, 1, 1]
    let below: [Double] = [0, 0, 0, 0, 0, 0, 0, 10, 0]
    let results: [Double] = [
      12.5, 21.5, 16.5, 27.5, 45.5, 33.5, 24.5, 39.5, 28.5,
      39, 49, 59, 69, 79, 89, -1, -1, -1,
    ]
    // The same ones for each image.
    for images in 1...3 {
      let x = Tensor(
        [[Double]](repeating: plane, count: 2 * images).flatMap { $0 }, shape: [images, 2, 3, 3])
      let y = try convolve(
        x, Tensor(sums + below, shape: [2, 1, 3, 3]), bias: Tensor([0.5, -1] as [Double]),
        [.int("group", 2), .ints("pads", [1, 1, 1, 1])])
      #expect(y == [[Double]](repeating: results, count: images).flatMap { $0 })
    }
  }

  @Test func `strides skip results and dilations skip elements`() throws {
    let x = Tensor([1, 2, 4, 8, 16, 32, 64] as [Double], shape: [1, 1, 7])
    let w = Tensor([1, 1, 1] as [Double], shape: [1, 1, 3])
    let group = Attribute.int("group", 1)
    #expect(try convolve(x, w, [group, .ints("strides", [2])]) == [7, 28, 112])
    #expect(try convolve(x, w, [group, .ints("strides", [3])]) == [7, 56])
    #expect(
      try convolve(x, w, [group, .ints("dilations", [2]), .ints("pads", [2, 2])])
        == [5, 10, 21, 42, 84, 40, 80])
  }

  @Test func `a multiplier makes several channels of each`() throws {
    let x = Tensor([1, 2, 3, 10, 20, 30] as [Double], shape: [1, 2, 3])
    let w = Tensor([1, 0, 0, 1, 1, 1, 1, -1] as [Double], shape: [4, 1, 2])
    #expect(try convolve(x, w, [.int("group", 2)]) == [1, 2, 2, 3, 30, 50, -10, -10])
  }

  @Test func `an infinite weight times the padding is no number`() throws {
    let x = Tensor([1, 2, 3] as [Double], shape: [1, 1, 3])
    let w = Tensor([.infinity, 1, 0] as [Double], shape: [1, 1, 3])
    let y = try convolve(x, w, [.int("group", 1), .ints("pads", [1, 1])])
    #expect(y[0].isNaN)
    #expect(y[1...] == [.infinity, .infinity])
  }

  @Test(arguments: [1, 2], [3, 5])
  func `padding of a plane has zeros on all sides`(stride: Int, width: Int) throws {
    // Infinite weights at the corners: no number where the window leaves the plane there.
    let (taps, reach) = (width * width, width / 2)
    var kernel = [Double](repeating: 0, count: taps)
    kernel[taps / 2] = 1
    let size = 17
    let plane = (0..<size * size).map { Double($0 % 5) }
    for corner in [0, width - 1, taps - width, taps - 1] {
      kernel[corner] = .infinity
      defer { kernel[corner] = 0 }
      let y = try convolve(
        Tensor(plane.map { $0 + 1 }, shape: [1, 1, size, size]),
        Tensor(kernel, shape: [1, 1, width, width]),
        [
          .ints("pads", [reach, reach, reach, reach]), .ints("strides", [stride, stride]),
        ])
      let side = (size - 1) / stride + 1
      for position in y.indices {
        let row = position / side * stride + corner / width - reach
        let column = position % side * stride + corner % width - reach
        let isInside = (0..<size).contains(row) && (0..<size).contains(column)
        #expect(isInside ? y[position] == .infinity : y[position].isNaN)
      }
    }
  }

  @Test func `what is no number stays in the windows that reach it`() throws {
    var plane = [Double](repeating: 1, count: 20 * 20)
    plane[7 * 20 + 8] = .nan
    let y = try convolve(
      Tensor(plane, shape: [1, 1, 20, 20]),
      Tensor([Double](repeating: 1, count: 9), shape: [1, 1, 3, 3]), [.ints("pads", [1, 1, 1, 1])])
    for position in y.indices {
      let isNear = abs(position / 20 - 7) <= 1 && abs(position % 20 - 8) <= 1
      #expect(y[position].isNaN == isNear)
    }
  }

  private func convolve(
    _ x: Tensor, _ weights: Tensor, bias: Tensor? = nil, _ attributes: [Attribute]
  ) throws -> [Double] {
    try #require(try run("Conv", [x, weights, bias], attributes)[0].doubles)
  }
}
