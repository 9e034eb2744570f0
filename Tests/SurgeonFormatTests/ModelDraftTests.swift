import Foundation
import SurgeonFormat
import SurgeonIR
import SurgeonTestSupport
import Testing

@Suite struct ModelDraftTests {
  private let directory: TemporaryDirectory
  /// Adds a first small constant `b`, and then `w` of a megabyte, to x.
  private let model: Model

  init() throws {
    directory = try TemporaryDirectory()
    var model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 17]>
      net (float[512, 512] x) => (float[512, 512] y)
      <float[1] b = {1}, float[1] w = {1}> { t = Add (x, b)  y = Add (t, w) }
      """)
    let weight = try #require(model.localValue(named: "w", in: model.mainGraph))
    model.setInitializer(
      Tensor((0..<262_144).map { Float($0) }, shape: [512, 512]), of: weight)
    let path = directory.file("given.onnx")
    try ModelWriter.write(model, to: path)
    self.model = try ModelReader.read(path: path)
  }

  /// The model with other numbers for `b`.
  private func changed(_ numbers: [Float]) throws -> Model {
    var model = model
    let value = try #require(model.localValue(named: "b", in: model.mainGraph))
    model.setInitializer(Tensor(numbers, shape: [numbers.count]), of: value)
    return model
  }

  /// What is written where nothing was begun before.
  private func plain(_ model: Model) throws -> [UInt8] {
    let path = directory.file("plain.onnx")
    try ModelWriter.write(model, to: path)
    return try contents(of: path)
  }

  @Test func `weights are in place before the rest is known`() async throws {
    let path = directory.file("out.onnx")
    let (outline, whole) = (try changed([0]), try changed([7]))
    let draft = try ModelDraft(of: model, to: path)
    let copied = await draft.copyWeights(of: { outline }).value
    #expect(copied >= 1 << 20)
    // Until then there is no file, and none would be left behind.
    #expect(try directory.names == ["given.onnx"])
    let report = try draft.write(whole)
    #expect(try contents(of: path) == plain(whole))
    #expect(report.byteCount == (try contents(of: path).count))
  }

  @Test(arguments: [[], [1], [1, 2, 3, 4, 5, 6, 7, 8]] as [[Float]])
  func `an outline of other sizes costs time, not the result`(numbers: [Float]) async throws {
    let path = directory.file("out.onnx")
    let (outline, whole) = (try changed(numbers), try changed([5, 6, 7]))
    let draft = try ModelDraft(of: model, to: path)
    _ = await draft.copyWeights(of: { outline }).value
    try draft.write(whole)
    #expect(try contents(of: path) == plain(whole))
  }

  @Test func `the rest may be known before the weights are in place`() throws {
    for round in 0..<20 {
      let path = directory.file("out.onnx")
      let (outline, whole) = (try changed([0]), try changed([Float(round)]))
      let draft = try ModelDraft(of: model, to: path)
      if round > 0 { draft.copyWeights(of: { outline }) }
      try draft.write(whole)
      #expect(try contents(of: path) == plain(whole))
    }
  }

  @Test func `an outline that cannot be made leaves all for later`() async throws {
    let path = directory.file("out.onnx")
    let draft = try ModelDraft(of: model, to: path)
    let copying = draft.copyWeights { () throws(SurgeonError) in
      throw SurgeonError(.impossible, "no")
    }
    #expect(await copying.value == 0)
    let whole = try changed([3])
    try draft.write(whole)
    #expect(try contents(of: path) == plain(whole))
  }

  @Test func `a draft that is given up leaves what was there`() async throws {
    let path = directory.file("given.onnx")
    let before = try contents(of: path)
    do {
      let outline = try changed([0])
      let draft = try ModelDraft(of: model, to: path)
      _ = await draft.copyWeights(of: { outline }).value
    }
    #expect(try contents(of: path) == before)
    #expect(try directory.names == ["given.onnx"])
  }

  @Test func `the input may be named as the output`() async throws {
    let path = directory.file("given.onnx")
    let (outline, whole) = (try changed([0]), try changed([9]))
    let wanted = try plain(whole)
    let draft = try ModelDraft(of: model, to: path)
    _ = await draft.copyWeights(of: { outline }).value
    try draft.write(whole)
    #expect(try contents(of: path) == wanted)
  }

  @Test func `what cannot be begun is written at the end or refused at once`() async throws {
    let outline = try changed([0])
    for path in ["/dev/null", directory.file("out.onnxtxt")] {
      let draft = try ModelDraft(of: model, to: path)
      #expect(await draft.copyWeights(of: { outline }).value == 0)
      try draft.write(outline)
    }
    let text = String(decoding: try contents(of: directory.file("out.onnxtxt")), as: UTF8.self)
    #expect(text.contains("t = Add (x, b)"))
    let nowhere = directory.file("nowhere/out.onnx")
    let error = #expect(throws: SurgeonError.self) { try ModelDraft(of: model, to: nowhere) }
    #expect(error?.message == "cannot write '\(nowhere)': No such file or directory")
    let json = directory.file("out.json")
    let ending = #expect(throws: SurgeonError.self) { try ModelDraft(of: model, to: json) }
    #expect(ending?.message == "cannot write '\(json)': models are not written as .json")
  }
}
