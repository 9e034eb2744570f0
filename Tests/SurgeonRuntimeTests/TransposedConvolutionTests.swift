import SurgeonIR
import SurgeonRuntime
import Testing

/// Transposed convolutions whose kernels lie side by side in the output, in Float64; other shapes are
/// in `ConvolutionProductTests`.
@Suite struct TransposedConvolutionTests {
  @Test func `each input is a tile of every filter`() throws {
    let x = Tensor([1, 2] as [Double], shape: [1, 1, 1, 2])
    let w = Tensor([1, 2, 3, 4, 10, 20, 30, 40] as [Double], shape: [1, 2, 2, 2])
    let y = try run(
      "ConvTranspose", [x, w, Tensor([0.5, -1] as [Double])], [.ints("strides", [2, 2])])
    #expect(y[0].shape == [1, 2, 2, 4])
    #expect(
      y[0].doubles == [
        1.5, 2.5, 2.5, 4.5, 3.5, 4.5, 6.5, 8.5,
        9, 19, 19, 39, 29, 39, 59, 79,
      ])
  }

  @Test func `channels add up in a volume`() throws {
    let x = Tensor([1, 10] as [Double], shape: [1, 2, 1, 1, 1])
    let w = Tensor((1...8).map(Double.init) + [1, 1, 1, 1, 1, 1, 1, 2], shape: [2, 1, 2, 2, 2])
    let y = try run("ConvTranspose", [x, w], [.ints("strides", [2, 2, 2])])
    #expect(y[0].doubles == [11, 12, 13, 14, 15, 16, 17, 28])
  }

  @Test func `groups have filters of their own`() throws {
    let x = Tensor([1, 2, 10, 20] as [Double], shape: [1, 2, 2])
    let w = Tensor([1, -1, 1, 2] as [Double], shape: [2, 1, 2])
    let y = try run("ConvTranspose", [x, w], [.ints("strides", [2]), .int("group", 2)])
    #expect(y[0].doubles == [1, -1, 2, -2, 10, 20, 20, 40])
  }

  @Test func `more channels than one slice add up`() throws {
    let x = Tensor([Double](repeating: 1, count: 600 * 3), shape: [1, 600, 1, 3])
    let w = Tensor([Double](repeating: 0.5, count: 600 * 4), shape: [600, 1, 2, 2])
    let y = try run(
      "ConvTranspose", [x, w, Tensor([7] as [Double])], [.ints("strides", [2, 2])])
    #expect(y[0].doubles == [Double](repeating: 307, count: 12))
  }
}
