internal import SurgeonData
internal import SurgeonIR
internal import Testing

struct NpyFileTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func tensor(_ bytes: [UInt8], _ input: ModelInput) throws -> Tensor {
    let path = try scratch.write(bytes, to: "x.npy")
    let source = try DataSource.open(path, inputs: [input])
    #expect(source.count == 1)
    return try #require(source.sample(0)[input.name]?.tensor)
  }

  @Test func `a row-major array of little-endian floats is read as it is`() throws {
    let tensor = try tensor(
      floats([1, 2, 3, 4, 5, 6], "(2, 3)"), input("x", [.unknown, .known(3)]))
    #expect(tensor.shape == [2, 3])
    #expect(try tensor.elements(as: Float.self) == [1, 2, 3, 4, 5, 6])
  }

  @Test func `a big-endian array in Fortran order is turned and swapped`() throws {
    // numpy.asfortranarray(numpy.arange(6, dtype=">i2").reshape(2, 3))
    let bytes = npy(
      "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }",
      [0, 0, 0, 3, 0, 1, 0, 4, 0, 2, 0, 5])
    let tensor = try tensor(bytes, input("x", .int16, nil))
    #expect(tensor.shape == [2, 3])
    #expect(try tensor.elements(as: Int16.self) == [0, 1, 2, 3, 4, 5])
  }

  @Test func `a scalar has no dimensions`() throws {
    let bytes = npy(
      "{'descr': '<f8', 'fortran_order': False, 'shape': (), }", [0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
    let tensor = try tensor(bytes, input("x", .float64, []))
    #expect(tensor.shape == [])
    #expect(try tensor.elements(as: Double.self) == [1])
  }

  @Test func `UTF-32 strings lose their padding and become UTF-8`() throws {
    let bytes = npy(
      "{'descr': '<U2', 'fortran_order': False, 'shape': (2,), }",
      [0x61, 0, 0, 0, 0x62, 0, 0, 0, 0xFC, 0, 0, 0, 0, 0, 0, 0])
    guard case .strings(let texts) = try tensor(bytes, input("x", .string, nil)).storage else {
      Issue.record("no strings")
      return
    }
    #expect(texts == [Array("ab".utf8), Array("ü".utf8)])
  }

  @Test func `two opaque bytes are bfloat16 where the model wants it`() throws {
    let bytes = npy("{'descr': '<V2', 'fortran_order': False, 'shape': (1,), }", [0x80, 0x3F])
    let tensor = try tensor(bytes, input("x", .bfloat16, nil))
    #expect(tensor.elementType == .bfloat16)
    #expect(try tensor.float64Elements() == [1])
  }

  @Test func `versions 2 and 3 have a longer length field`() throws {
    var bytes = floats([7], "(1,)")
    bytes.replaceSubrange(6..<10, with: [2, 0, 118, 0, 0, 0])
    #expect(try tensor(bytes, input("x", nil)).elements(as: Float.self) == [7])
    bytes[6] = 3
    #expect(try tensor(bytes, input("x", nil)).elements(as: Float.self) == [7])
  }

  struct Broken: CustomTestStringConvertible {
    let bytes: [UInt8]
    let part: String
    var testDescription: String { part }

    init(_ bytes: some Sequence<UInt8>, _ part: String) {
      self.bytes = Array(bytes)
      self.part = part
    }
  }

  static let brokenFiles: [Broken] = [
    Broken([], "does not start with"),
    Broken("PK not an array".utf8, "does not start with"),
    Broken(floats([1], "(1,)").dropLast(1), "4 bytes declared, 3 present"),
    Broken(floats([1], "(1,)").prefix(60), "the .npy header is cut off"),
    Broken(floats([], "(99999999999999, 99999999999999)"), "shape overflows"),
    Broken(header("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"), "no tensor type"),
    Broken(
      header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"), "structured"),
    Broken(header("{'descr': '<f4', 'shape': (1,), }"), "lacks"),
    Broken(header("{'descr': '<f4', 'fortran_order': maybe, }"), "True or False expected"),
    Broken(header("[1, 2, 3]"), "'{' expected before '[1, 2, 3]"),
  ]

  private static func header(_ dictionary: String) -> [UInt8] { npy(dictionary, []) }

  @Test(arguments: brokenFiles)
  func `a broken file is named with what is wrong in it`(file: Broken) throws {
    let path = try scratch.write(file.bytes, to: "x.npy")
    let text = message { _ = try DataSource.open(path, inputs: [input("x", nil)]) }
    #expect(text?.contains(file.part) == true, "\(text ?? "no error")")
    #expect(text?.contains(path) == true)
  }

  @Test func `every prefix of a file is refused`() throws {
    let whole = floats([1, 2], "(2,)")
    for count in 0..<whole.count {
      let path = try scratch.write(Array(whole.prefix(count)), to: "x.npy")
      #expect(throws: SurgeonError.self) { try DataSource.open(path, inputs: [input("x", nil)]) }
    }
  }
}
