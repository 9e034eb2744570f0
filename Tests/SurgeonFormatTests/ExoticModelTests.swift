import SurgeonFormat
import SurgeonIR
import SurgeonTestSupport
import Testing

/// The model of fixtures/exotic, which has every feature that a file can have.
@Suite struct ExoticModelTests {
  let path = Fixture.path("exotic/exotic.onnx")

  @Test func `a model in which nothing changed gives back the same bytes`() throws {
    let model = try ModelReader.read(path: path)
    #expect(model.brokenInvariants() == [])
    #expect(try ModelWriter.serialize(model) == contents(of: path))
  }

  @Test func `an edit that is undone in a copy leaves the other copy as it was`() throws {
    let model = try ModelReader.read(path: path)
    var edited = model
    edited.updateNode(edited.allNodes[0]) { $0.name = "edited" }
    #expect(try ModelWriter.serialize(edited) != contents(of: path))
    #expect(try ModelWriter.serialize(model) == contents(of: path))
  }

  @Test func `after the edit of one node every other message is still there`() throws {
    var model = try ModelReader.read(path: path)
    let node = try #require(model.allNodes.first { model[$0].name == "norm" })
    model.updateNode(node) { $0.name = "renamed" }
    let before = try Wire.fields(contents(of: path))
    let after = try Wire.fields(ModelWriter.serialize(model))
    // The model: the same fields in the same order, all but the graph as they were.
    #expect(before.map(\.number) == after.map(\.number))
    for (old, new) in zip(before, after) where old.number != 7 { #expect(old == new) }
    let (oldGraph, newGraph) = (try before.message(7), try after.message(7))
    #expect(oldGraph.count == newGraph.count)
    for old in oldGraph where !newGraph.contains(old) {
      // Only the node itself differs, and in it only the name.
      #expect(old.number == 1)
      let (oldNode, newNode) = (try oldGraph.node("norm"), try newGraph.node("renamed"))
      #expect(Set(oldNode.filter { $0.number != 3 }) == Set(newNode.filter { $0.number != 3 }))
    }
  }

  @Test func `an edit inside a branch changes only the messages around it`() throws {
    var model = try ModelReader.read(path: path)
    let relu = try #require(model.allNodes.first { model[$0].opType == "Relu" })
    model.updateNode(relu) { $0.opType = "Sigmoid" }
    let bytes = try ModelWriter.serialize(model)
    let again = try ModelReader.read(bytes: bytes, name: "edited")
    #expect(again.allNodes.count == model.allNodes.count)
    let old = try Wire.fields(contents(of: path)).message(7)
    let new = try Wire.fields(bytes).message(7)
    #expect(old.filter { $0.number != 1 } == new.filter { $0.number != 1 })
    #expect(old.filter { !new.contains($0) }.count == 1)
    let (oldIf, newIf) = (try old.node("if"), try new.node("if"))
    #expect(oldIf.filter { !newIf.contains($0) }.map(\.number) == [5])
  }

  @Test func `an edit inside a function changes only that function`() throws {
    var model = try ModelReader.read(path: path)
    let mul = try #require(model.allNodes.first { model[$0].opType == "Mul" })
    model.updateNode(mul) { $0.name = "product" }
    let old = try Wire.fields(contents(of: path))
    let new = try Wire.fields(ModelWriter.serialize(model))
    #expect(old.filter { !new.contains($0) }.map(\.number) == [25])
    let (oldFunction, newFunction) = (try old.message(25), try new.message(25))
    #expect(oldFunction.filter { !newFunction.contains($0) }.map(\.number) == [7])
  }

  @Test func `a changed header replaces its own field only`() throws {
    var model = try ModelReader.read(path: path)
    model.header.producerName = "surgeon"
    model.header.metadata.append(StringPair("note", "edited"))
    let old = try Wire.fields(contents(of: path))
    let new = try Wire.fields(ModelWriter.serialize(model))
    #expect(Set(old.filter { !new.contains($0) }.map(\.number)) == [2])
    #expect(new.filter { !old.contains($0) }.map(\.number).sorted() == [2, 14])
    let again = try ModelReader.read(bytes: ModelWriter.serialize(model), name: "edited")
    #expect(again.header == model.header)
  }

  @Test func `a renamed initializer keeps its message but for the name`() throws {
    var model = try ModelReader.read(path: path)
    let value = try #require(model.localValue(named: "typed_FLOAT16", in: model.mainGraph))
    model.rename(value, to: "half")
    let old = try Wire.fields(contents(of: path)).message(7)
    let new = try Wire.fields(ModelWriter.serialize(model)).message(7)
    let gone = try Wire.fields(#require(old.first { !new.contains($0) }).payload)
    let come = try Wire.fields(#require(new.first { !old.contains($0) }).payload)
    #expect(gone.filter { $0.number != 8 } == come.filter { $0.number != 8 })
    #expect(come.first { $0.number == 8 }?.payload == Array("half".utf8))
  }

  @Test func `a removed node takes nothing along that something else names`() throws {
    var model = try ModelReader.read(path: path)
    for name in ["c", "raw_FLOAT", "raw_UINT8", "w", "w_start", "rate", "of_nobody"] {
      #expect(model.pinnedNames.contains(name), "\(name)")
    }
    let add = try #require(model.allNodes.last { model[$0].opType == "Add" })
    let output = try #require(model[add].output(0))
    let scaled = try #require(model[add].input(0))
    model.replaceUses(of: output, with: scaled)
    model.removeNode(add)
    model.removeValues([output])
    let again = try ModelReader.read(bytes: ModelWriter.serialize(model), name: "edited")
    #expect(again[again.mainGraph].outputs.map { again[$0].name } == ["scaled", "e"])
    #expect(again.pinnedNames == model.pinnedNames)
  }

  @Test func `both spellings of an element type hold the elements they should`() throws {
    let model = try ModelReader.read(path: path)
    func bytes(_ name: String) throws -> [UInt8] {
      let value = try #require(model.localValue(named: name, in: model.mainGraph))
      return try #require(model[value].initializer).bytes().withUnsafeBytes { Array($0) }
    }
    for type in ElementType.allCases where type != .undefined && type != .string {
      let name = type.standardName
      let size = try #require(type.byteCount(of: 5))
      #expect(try bytes("raw_\(name)") == (1...size).map { UInt8($0) }, "\(name)")
      #expect(try bytes("typed_\(name)").count == size, "\(name)")
    }
    #expect(try bytes("typed_INT8") == [1, 0xFE, 3, 63, 5])
    #expect(try bytes("typed_UINT16") == [1, 0, 2, 0, 3, 0, 63, 0, 5, 0])
    #expect(try bytes("typed_UINT4") == [1, 2, 3])
    #expect(try bytes("typed_FLOAT6E2M3") == [0x81, 0x30, 0xFC, 5])
    #expect(try bytes("typed_UINT32").prefix(8) == [1, 0, 0, 0, 2, 0, 0, 0])
    let strings = try #require(model.localValue(named: "typed_STRING", in: model.mainGraph))
    guard case .strings(let texts)? = model[strings].initializer?.storage else {
      Issue.record("no strings")
      return
    }
    #expect(texts == [[], Array("two".utf8), [0xFF, 0, 0xFE]])
  }

  @Test func `external data is read where it is needed`() throws {
    let model = try ModelReader.read(path: path)
    let beta = try #require(model.localValue(named: "beta", in: model.mainGraph))
    #expect(try model[beta].initializer?.elements(as: Float.self) == [0.5, 0.25, 0.125])
  }

  @Test func `what the file says of its values is read`() throws {
    let model = try ModelReader.read(path: path)
    let x = model[model[model.mainGraph].inputs[0]]
    #expect(x.docString == "the input")
    #expect(x.metadata == [StringPair("range", "0..1")])
    #expect(x.type?.denotation == "IMAGE")
    #expect(x.type?.shape?.dimensions[1] == Dimension(.known(3), denotation: "DATA_CHANNEL"))
    let everything = try #require(model.allNodes.first { model[$0].opType == "Everything" })
    #expect(model[everything].inputs.map { $0 == nil } == [false, true, false])
    #expect(model[everything].outputs.map { $0 == nil } == [false, true, false])
    #expect(model[everything].overload == "all")
    #expect(model[everything].attributes.map(\.name).last == "gs")
    #expect(model.functions.map(\.name) == ["Scaled"])
    #expect(model.functions[0].attributeDefaults[0].name == "factor")
    guard
      case .reference(to: "factor", typeCode: 1)? =
        model[model.nodes(of: model.functions[0].body).first { _ in true }!].attributes[0].payload
        as Attribute.Payload?
    else {
      Issue.record("no reference")
      return
    }
  }

  @Test func `everything survives being written without the file it came from`() throws {
    var model = try ModelReader.read(path: path)
    model.source = nil
    let once = try ModelWriter.serialize(model)
    let again = try ModelReader.read(bytes: once, name: "once")
    #expect(again.brokenInvariants() == [])
    #expect(again.header == model.header)
    #expect(
      again.allNodes.map { again[$0].opType } == model.allNodes.map { model[$0].opType })
    for value in model.allValues {
      let record = model[value]
      let other = try #require(
        again.allValues.first {
          again[$0].name == record.name && again[$0].graph.raw == record.graph.raw
        })
      #expect(again[other].type == record.type, "\(record.name)")
      #expect(again[other].initializer?.shape == record.initializer?.shape, "\(record.name)")
    }
    // Everything was made anew, so making it anew again changes nothing.
    var second = again
    second.source = nil
    #expect(try ModelWriter.serialize(second) == once)
  }
}

extension ElementType {
  /// The name that the standard's `DataType` has.
  var standardName: String {
    switch self {
    case .float32: "FLOAT"
    case .float64: "DOUBLE"
    default: "\(self)".uppercased()
    }
  }
}
