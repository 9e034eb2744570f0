import SurgeonFormat
import SurgeonIR
import SurgeonTestSupport
import Testing

/// Whatever the bytes are: a model that is written back as it was, or one clear error.
@Suite struct BadInputTests {
  /// Reads bytes that may be anything; nil where they are refused. What is accepted must hold
  /// together, be written back unchanged, and be readable after an edit.
  @discardableResult
  private func attempt(_ bytes: [UInt8]) throws -> SurgeonError? {
    do throws(SurgeonError) {
      var model = try ModelReader.read(bytes: bytes, name: "bad.onnx")
      #expect(model.brokenInvariants() == [])
      #expect(try ModelWriter.serialize(model) == bytes)
      guard let node = model.nodes(of: model.mainGraph).first(where: { _ in true }) else {
        return nil
      }
      model.updateNode(node) { $0.name = "edited" }
      _ = try ModelReader.read(bytes: ModelWriter.serialize(model), name: "edited.onnx")
      return nil
    } catch {
      #expect(!error.message.isEmpty && error.location.first == "bad.onnx", "\(error)")
      return error
    }
  }

  private func message(_ bytes: [UInt8]) throws -> String {
    try #require(try attempt(bytes)).description
  }

  /// A model whose graph has these bytes.
  private func model(graph: [UInt8]) -> [UInt8] {
    Wire.field(1, int: 8) + Wire.field(8, Wire.field(2, int: 17)) + Wire.field(7, graph)
  }

  private func node(_ opType: String, _ inputs: [String], _ outputs: [String]) -> [UInt8] {
    Wire.field(
      1,
      inputs.flatMap { Wire.field(1, $0) } + outputs.flatMap { Wire.field(2, $0) }
        + Wire.field(4, opType))
  }

  private func value(_ number: Int, _ name: String) -> [UInt8] {
    Wire.field(number, Wire.field(1, name))
  }

  @Test func `a file cut at any length is refused or read as what is left`() throws {
    let whole = try contents(of: Fixture.path("exotic/exotic.onnx"))
    for length in 0..<whole.count { try attempt(Array(whole[..<length])) }
  }

  @Test func `a flipped bit never does worse than change the model`() throws {
    let whole = try contents(of: Fixture.path("exotic/exotic.onnx"))
    #if DEBUG
      let step = 7
    #else
      let step = 1
    #endif
    for position in stride(from: 0, to: whole.count, by: step) {
      var bytes = whole
      bytes[position] ^= 1 << UInt8(position % 8)
      try attempt(bytes)
    }
  }

  @Test func `a length that reaches past the end is named with its place`() throws {
    let bytes = model(graph: [0x0A, 0xFF, 0x01, 0x00])
    #expect(
      try message(bytes) == """
        error: the file is not a well-formed ONNX model
          at bad.onnx > graph: field 1 claims 255 bytes where 1 are left (byte 8)
        """)
  }

  @Test(
    arguments: [
      // A length of 2^63, one of 2^64 - 1, a number of eleven bytes, a group, field 0, wire type 6.
      [0x0A, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
      [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
      [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
      [0x0B, 0x0C], [0x02, 0x00], [0x0E, 0x00],
    ] as [[UInt8]])
  func `what protobuf does not allow is refused`(graph: [UInt8]) throws {
    #expect(try attempt(model(graph: graph))?.code == .malformedModel)
  }

  @Test func `graphs nested 100,000 deep do not exhaust the stack`() throws {
    // Built from the inside out, each level as its header alone: the lengths need no copying.
    var headers: [[UInt8]] = []
    var count = 0
    for _ in 0..<100_000 {
      // graph < attribute < node
      for number in [6, 5, 1] {
        let header = Wire.varint(number << 3 | 2) + Wire.varint(count)
        headers.append(header)
        count += header.count
      }
    }
    let bytes = model(graph: headers.reversed().flatMap { $0 })
    #expect(try attempt(bytes)?.code == .malformedModel)
    #expect(try message(bytes).contains("more than 100 graphs are nested here"))
  }

  @Test func `types nested too deep are refused too`() throws {
    var type: [UInt8] = []
    for _ in 0..<5_000 { type = Wire.field(4, Wire.field(1, type)) }
    let bytes = model(graph: Wire.field(11, Wire.field(1, "x") + Wire.field(2, type)))
    #expect(try message(bytes).contains("more than 64 messages are nested here"))
  }

  @Test func `a million empty nodes are refused at the first`() throws {
    let bytes = model(graph: (0..<1_000_000).flatMap { _ in [0x0A, 0x00] as [UInt8] })
    #expect(
      try message(bytes) == """
        error: a node names no operator
          at bad.onnx > graph > node 0
        """)
  }

  @Test func `a singular message that is there twice is refused, however often`() throws {
    let type = Wire.field(2, Wire.field(1, Wire.field(1, int: 1)))
    let types = Array(repeating: type, count: 200_000).flatMap { $0 }
    let bytes = model(graph: Wire.field(11, Wire.field(1, "x") + types))
    #expect(try message(bytes).contains("field 'type' is there twice"))
    #expect(try message(model(graph: []) + model(graph: [])).contains("'graph' is there twice"))
  }

  @Test(
    arguments: [
      ([0x66, 0x00, 0x67], "the text of 'name' holds a NUL"),
      ([0xC3, 0x28], "'name' is not UTF-8"),
    ] as [([UInt8], String)])
  func `a name must be text`(name: [UInt8], complaint: String) throws {
    #expect(try message(model(graph: Wire.field(2, name))).contains(complaint))
  }

  @Test func `documentation in any encoding is kept as it is`() throws {
    let bytes = model(graph: Wire.field(10, [0xE9, 0xFF]) + node("Relu", [], ["y"]))
    #expect(try attempt(bytes) == nil)
  }

  @Test func `a cycle is shown with its nodes`() throws {
    let bytes = model(
      graph: node("Add", ["c", "c"], ["a"]) + node("Relu", ["a"], ["b"])
        + node("Neg", ["b"], ["c"]) + value(12, "c"))
    #expect(
      try message(bytes) == """
        error: the graph has a cycle
          at bad.onnx > graph: each of these nodes needs the next one, and the last one the first: \
        'a' (Add), 'c' (Neg), 'b' (Relu)
        """)
  }

  @Test func `nodes in the wrong order are put in order, and written back as they were`() throws {
    let bytes = model(
      graph: value(11, "x") + node("Neg", ["b"], ["c"]) + node("Relu", ["a"], ["b"])
        + node("Abs", ["x"], ["a"]) + value(12, "c"))
    let model = try ModelReader.read(bytes: bytes, name: "unsorted.onnx")
    #expect(model.allNodes.map { model[$0].opType } == ["Abs", "Relu", "Neg"])
    #expect(model.brokenInvariants() == [])
    #expect(try ModelWriter.serialize(model) == bytes)
  }

  @Test func `a name that nothing defines is shown with its reader`() throws {
    let bytes = model(graph: node("Relu", ["x"], ["y"]) + value(12, "y"))
    #expect(
      try message(bytes) == """
        error: input 0 reads 'x', which nothing defines
          at bad.onnx > graph > node 0 (Relu)
        hint: the file is incomplete, or was edited by a tool that lost a part of it
        """)
    #expect(try message(model(graph: value(12, "y"))).contains("'y', is computed by nothing"))
  }

  @Test func `two definitions of a name are shown both`() throws {
    let bytes = model(
      graph: value(11, "x") + node("Relu", ["x"], ["y"]) + node("Neg", ["x"], ["y"]))
    #expect(try message(bytes).contains("'y' is defined twice"))
    #expect(try message(bytes).contains("by a node and by node 1"))
  }

  @Test func `a tensor with too few elements is named with both numbers`() throws {
    let tensor =
      Wire.field(1, int: 64) + Wire.field(1, int: 147) + Wire.field(2, int: 1)
      + Wire.field(8, "conv1.weight") + Wire.field(9, [UInt8](repeating: 0, count: 37_600))
    let bytes = model(graph: Wire.field(2, "main") + Wire.field(5, tensor))
    #expect(
      try message(bytes) == """
        error: cannot read initializer 'conv1.weight'
          at bad.onnx > graph 'main' > initializer 0: \
        9,408 float elements declared, 9,400 present
        hint: re-export the model, or put its external-data file beside it
        """)
  }

  @Test(arguments: [
    // A size below zero, a product that overflows, an unknown element type, no data, two fields of
    // data, strings as bytes, numbers in the field of another type.
    Wire.field(1, int: -1) + Wire.field(2, int: 1),
    Wire.field(1, int: 1 << 62) + Wire.field(1, int: 8) + Wire.field(2, int: 1),
    Wire.field(1, int: 1) + Wire.field(2, int: 99) + Wire.field(9, [0]),
    Wire.field(1, int: 3) + Wire.field(2, int: 1),
    Wire.field(1, int: 1) + Wire.field(2, int: 2) + Wire.field(9, [0]) + Wire.field(5, [0]),
    Wire.field(1, int: 1) + Wire.field(2, int: 8) + Wire.field(9, [0]),
    Wire.field(1, int: 1) + Wire.field(2, int: 1) + Wire.field(7, [0]),
  ])
  func `a tensor that contradicts itself is refused`(tensor: [UInt8]) throws {
    let bytes = model(graph: Wire.field(5, tensor + Wire.field(8, "w")))
    #expect(try message(bytes).contains("cannot read initializer 'w'"))
  }

  @Test(arguments: [
    ("PK\u{3}\u{4}xxxx", "a ZIP archive"), ("\u{1F}", "not a well-formed"),
    ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
    ("<html><body>Not found</body></html>", "this is text"),
  ])
  func `a file of another kind is recognised`(text: String, hint: String) throws {
    #expect(try message(Array(text.utf8)).contains(hint))
  }

  @Test func `a directory and a missing file are refused`() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: SurgeonError.self) { try ModelReader.read(path: directory.path) }
    #expect {
      try ModelReader.read(path: directory.file("none.onnx"))
    } throws: { error in
      (error as? SurgeonError)?.code == .io
        && "\(error)".contains("cannot open '\(directory.file("none.onnx"))': No such file")
    }
  }
}
