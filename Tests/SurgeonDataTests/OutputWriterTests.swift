internal import Foundation
internal import SurgeonData
internal import SurgeonIR
internal import Testing

struct OutputWriterTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func `a .npy is NumPy's own, byte for byte`() throws {
    var writer = OutputWriter(path: scratch.path, format: .npy)
    try writer.append([("y", .tensor(Tensor([1, 2] as [Float], shape: [2, 1])))])
    try writer.finish()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/y.npy"))
    #expect(Array(bytes) == floats([1, 2], "(2, 1)"))
  }

  @Test func `samples are joined along their leading dimension`() throws {
    let path = scratch.path + "/out.npz"
    var writer = OutputWriter(path: path, format: .npz)
    try writer.append([("y", .tensor(Tensor([1, 2] as [Float], shape: [1, 2])))])
    try writer.append([("y", .tensor(Tensor([3, 4, 5, 6] as [Float], shape: [2, 2])))])
    try writer.finish()
    let tensor = try #require(try Npz.read(path).first?.tensor)
    #expect(tensor.shape == [3, 2])
    #expect(try tensor.elements(as: Float.self) == [1, 2, 3, 4, 5, 6])
  }

  @Test func `scalars of several samples are a list`() throws {
    let path = scratch.path + "/out.npz"
    var writer = OutputWriter(path: path, format: .npz)
    for number: Float in [1, 2] {
      try writer.append([("n", .tensor(Tensor([number], shape: [])))])
    }
    try writer.finish()
    let tensor = try #require(try Npz.read(path).first?.tensor)
    #expect(tensor.shape == [2])
    #expect(try tensor.elements(as: Float.self) == [1, 2])
  }

  @Test func `samples that do not join are refused with their shapes`() throws {
    var writer = OutputWriter(path: scratch.path + "/out.npz", format: .npz)
    try writer.append([("y", .tensor(Tensor([1, 2] as [Float], shape: [1, 2])))])
    try writer.append([("y", .tensor(Tensor([3] as [Float], shape: [1, 1])))])
    let text = message { try writer.finish() }
    #expect(text?.contains("[1, 2] and [1, 1]") == true, "\(text ?? "no error")")
    #expect(try scratch.names() == [])
  }

  @Test func `a sequence is no array`() {
    var writer = OutputWriter(path: scratch.path, format: .npz)
    let text = message { try writer.append([("y", .sequence([], elementType: nil))]) }
    #expect(text?.contains("output 'y' is no tensor") == true, "\(text ?? "no error")")
  }
}
