internal import SurgeonData
internal import SurgeonIR
internal import Testing

struct NpzTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// numpy.savez_compressed(file, x=[[0, 1, 2], [0, 1, 2]] in float32)
  static let compressed: [UInt8] = bytes(
    """
    504b03042d0000000800000021001f26adbfffffffffffffffff05001400782e6e707901001000980000000000\
    00004f000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a2aea3a09e965f54529498\
    179f5f94920a12774bcc294e058a17672416a402f91a463a0ac69a3a0ab50a64032e063068b007120ec86c0050\
    4b01022d032d0000000800000021001f26adbf4f00000098000000050000000000000000000000800100000000\
    782e6e7079504b0506000000000100010033000000860000000000
    """)

  static func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex.utf8).map { $0 < 0x3A ? $0 - 0x30 : $0 - 0x57 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  @Test func `an archive that NumPy compressed is read by the names of the inputs`() throws {
    let path = try scratch.write(Self.compressed, to: "x.npz")
    let source = try DataSource.open(path, inputs: [input("x", [.known(1), .known(3)])])
    #expect(source.count == 2)
    for index in [1, 0, 1] {
      let tensor = try #require(try source.sample(index)["x"]?.tensor)
      #expect(tensor.shape == [1, 3])
      #expect(try tensor.elements(as: Float.self) == [0, 1, 2])
    }
  }

  @Test func `an array that is not there is named with those that are`() throws {
    let path = try scratch.write(Self.compressed, to: "x.npz")
    let text = message { _ = try DataSource.open(path, inputs: [input("image", nil)]) }
    #expect(
      text == """
        error: no data for input 'image'
          at \(path): arrays: 'x'
        hint: name the array like the input
        """)
  }

  @Test func `an input with a default needs no array`() throws {
    let path = try scratch.write(Self.compressed, to: "x.npz")
    let source = try DataSource.open(
      path, inputs: [input("x", nil), input("scale", nil, hasDefault: true)])
    #expect(try source.sample(0).keys.sorted() == ["x"])
  }

  @Test func `an archive that is cut off is told from a file of another kind`() throws {
    let path = try scratch.write(Array(Self.compressed.dropLast(30)), to: "x.npz")
    let text = message { _ = try DataSource.open(path, inputs: [input("x", nil)]) }
    #expect(
      text == """
        error: cannot read '\(path)' as a .npz archive
          it begins as one and is cut off
        """)
  }

  @Test func `damage is found by the checksum`() throws {
    var damaged = Self.compressed
    damaged[14] ^= 1
    damaged[150] ^= 1
    let path = try scratch.write(damaged, to: "x.npz")
    let source = try? DataSource.open(path, inputs: [input("x", nil)])
    #expect(throws: SurgeonError.self) { try source?.sample(0) ?? [:] }
  }

  @Test func `a file that is no archive is refused`() throws {
    let path = try scratch.write(Array("no zip".utf8), to: "x.npz")
    let text = message { _ = try DataSource.open(path, inputs: [input("x", nil)]) }
    #expect(text?.contains("as a .npz archive") == true)
  }

  @Test func `what is written is read again`() throws {
    let path = scratch.path + "/out.npz"
    let texts = Tensor(elementType: .string, shape: [2], storage: .strings([Array("a".utf8), []]))
    try Npz.write(
      [
        ("a/b", Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])),
        ("empty", Tensor([] as [Int64])), ("flags", Tensor([true, false])),
        ("half", Tensor(rounding: [0.5], to: .float16, shape: [])), ("texts", texts),
      ], to: path)
    let tensors = try Npz.read(path)
    #expect(tensors.map(\.name) == ["a/b", "empty", "flags", "half", "texts"])
    #expect(tensors.map(\.tensor.shape) == [[2, 2], [0], [2], [], [2]])
    #expect(try tensors[0].tensor.elements(as: Float.self) == [1, 2, 3, 4])
    #expect(try tensors[3].tensor.float64Elements() == [0.5])
    guard case .strings(let read) = tensors[4].tensor.storage else {
      Issue.record("no strings")
      return
    }
    #expect(read == [Array("a".utf8), []])
    #expect(try scratch.names() == ["out.npz"])
  }

  @Test func `a directory that is not there cannot be written to`() {
    let text = message { try Npz.write([("x", Tensor([1 as Float]))], to: "/nowhere/x.npz") }
    #expect(text?.hasPrefix("error: cannot write '/nowhere/x.npz'") == true)
  }
}
