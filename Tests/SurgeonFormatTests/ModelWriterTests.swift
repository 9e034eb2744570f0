import Foundation
import SurgeonFormat
import SurgeonIR
import SurgeonTestSupport
import Testing

@Suite struct ModelWriterTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// A model with one weight of a megabyte: enough for the file to be mapped.
  private func bigModel(named name: String) throws -> String {
    var model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 17]>
      net (float[512, 512] x) => (float[512, 512] y) { y = Relu (x) }
      """)
    let relu = model.allNodes[0]
    let weight = model.addValue(named: "w", in: model.mainGraph)
    model.setInitializer(
      Tensor((0..<262_144).map { Float($0) }, shape: [512, 512]), of: weight)
    model.updateNode(relu) { $0.opType = "Add" }
    model.setInput(1, of: relu, to: weight)
    try ModelWriter.write(model, to: directory.file(name))
    return directory.file(name)
  }

  private func renameFirstNode(_ model: inout Model) {
    model.updateNode(model.allNodes[0]) { $0.name = "renamed" }
  }

  @Test func `a model made in memory is written and read again`() throws {
    let model = try ModelReader.read(path: bigModel(named: "big.onnx"))
    let weight = try #require(model.localValue(named: "w", in: model.mainGraph))
    #expect(try model[weight].initializer?.elements(as: Float.self)?.last == 262_143)
    #expect(model[model.allNodes[0]].opType == "Add")
    #expect(model.header.opsetImports == [OpsetImport(domain: "", version: 17)])
  }

  @Test func `an unchanged mapped model is copied byte for byte`() throws {
    let path = try bigModel(named: "big.onnx")
    let model = try ModelReader.read(path: path)
    try ModelWriter.write(model, to: directory.file("copy.onnx"))
    #expect(try contents(of: path) == contents(of: directory.file("copy.onnx")))
    #expect(try directory.names == ["big.onnx", "copy.onnx"])
  }

  @Test(arguments: [-1, 0, 1, 1 << 18, (2 << 18) + 12_345])
  func `weights of any length move to another place of the file whole`(excess: Int) throws {
    let path = try bigModel(named: "big.onnx")
    var model = try ModelReader.read(path: path)
    let bytes = (0..<(1 << 18) + excess).map {
      UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 9)
    }
    let added = model.addValue(named: "more", in: model.mainGraph)
    model.setInitializer(
      Tensor(elementType: .uint8, shape: [bytes.count], bytes: TensorBytes(bytes)), of: added)
    try ModelWriter.write(model, to: path)
    var moved = try ModelReader.read(path: path)
    renameFirstNode(&moved)
    try ModelWriter.write(moved, to: path)
    let again = try ModelReader.read(path: path)
    let value = try #require(again.localValue(named: "more", in: again.mainGraph))
    #expect(try again[value].initializer?.elements(as: UInt8.self) == bytes)
    let weight = try #require(again.localValue(named: "w", in: again.mainGraph))
    #expect(
      try again[weight].initializer?.elements(as: Float.self) == (0..<262_144).map { Float($0) })
  }

  @Test func `the input may be named as the output`() throws {
    let path = try bigModel(named: "big.onnx")
    var model = try ModelReader.read(path: path)
    renameFirstNode(&model)
    try ModelWriter.write(model, to: path)
    // The weights of the model that was read are those of the old file, which is still mapped.
    let weight = try #require(model.localValue(named: "w", in: model.mainGraph))
    #expect(try model[weight].initializer?.elements(as: Float.self)?[5] == 5)
    let again = try ModelReader.read(path: path)
    #expect(again[again.allNodes[0]].name == "renamed")
    #expect(try directory.names == ["big.onnx"])
  }

  @Test func `a link is followed, and permissions stay`() throws {
    let path = try bigModel(named: "big.onnx")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    try FileManager.default.createSymbolicLink(
      atPath: directory.file("link.onnx"), withDestinationPath: "big.onnx")
    var model = try ModelReader.read(path: directory.file("link.onnx"))
    renameFirstNode(&model)
    try ModelWriter.write(model, to: directory.file("link.onnx"))
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
    #expect(attributes[.type] as? FileAttributeType == .typeRegular)
    let again = try ModelReader.read(path: path)
    #expect(again[again.allNodes[0]].name == "renamed")
  }

  @Test func `a device that is full is reported`() throws {
    let model = try ModelReader.read(path: bigModel(named: "big.onnx"))
    #expect {
      try ModelWriter.write(model, to: "/dev/full")
    } throws: { error in
      (error as? SurgeonError)?.description == """
        error: cannot write '/dev/full': No space left on device
        hint: free some space, or write to another file system
        """
    }
  }

  @Test func `a directory that is missing, and a directory as the output, are errors`() throws {
    let model = try ModelReader.read(path: bigModel(named: "big.onnx"))
    for path in [directory.file("none/out.onnx"), directory.path] {
      #expect {
        try ModelWriter.write(model, to: path)
      } throws: { error in
        (error as? SurgeonError)?.code == .io && "\(error)".contains("cannot write '\(path)'")
      }
    }
    #expect(try directory.names == ["big.onnx"])
  }

  @Test func `a file that was cut short after it was read is not used`() throws {
    let path = try bigModel(named: "big.onnx")
    let model = try ModelReader.read(path: path)
    #expect(truncate(path, 500_000) == 0)
    #expect {
      try ModelWriter.write(model, to: directory.file("out.onnx"))
    } throws: { error in
      "\(error)".contains("'\(path)' has changed since it was read")
    }
    #expect(try directory.names == ["big.onnx"])
  }

  @Test func `big initializers go into a file beside the model when asked`() throws {
    let model = try ModelReader.read(path: bigModel(named: "big.onnx"))
    let report = try ModelWriter.write(
      model, to: directory.file("small.onnx"), options: .init(externalData: true))
    #expect(report.byteCount < 1_000)
    #expect(report.externalFiles == [directory.file("small.onnx.data")])
    let again = try ModelReader.read(path: directory.file("small.onnx"))
    let weight = try #require(again.localValue(named: "w", in: again.mainGraph))
    #expect(try again[weight].initializer?.elements(as: Float.self)?.last == 262_143)
    #expect(try contents(of: directory.file("small.onnx.data")).count == 1 << 20)
    // Written again without being asked, everything stays where it is.
    var edited = again
    renameFirstNode(&edited)
    try ModelWriter.write(edited, to: directory.file("again.onnx"))
    #expect(
      try directory.names == ["again.onnx", "big.onnx", "small.onnx", "small.onnx.data"])
    #expect(try contents(of: directory.file("again.onnx")).count < 1_100)
  }

  @Test func `weights of another model are copied into this one`() throws {
    let other = try ModelReader.read(path: bigModel(named: "big.onnx"))
    let weight = try #require(other.localValue(named: "w", in: other.mainGraph))
    var model = try ModelReader.read(path: Fixture.path("exotic/exotic.onnx"))
    let added = model.addValue(named: "borrowed", in: model.mainGraph)
    model.setInitializer(other[weight].initializer, of: added)
    let again = try ModelReader.read(bytes: ModelWriter.serialize(model), name: "mixed")
    let found = try #require(again.localValue(named: "borrowed", in: again.mainGraph))
    #expect(try again[found].initializer?.elements(as: Float.self)?.last == 262_143)
  }
}
