internal import SurgeonData
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonVerify
internal import Testing

struct ArgmaxTests {
  /// Verifies a model that gives back its input against one that adds `b - a`.
  private func change(_ shape: [Int], _ a: [Float], _ b: [Float]) throws -> ArgmaxChange? {
    let shapeText = shape.map(String.init).joined(separator: ",")
    let difference = zip(a, b).map { "\($1 - $0)" }.joined(separator: ", ")
    let type = "float[\(shapeText)]"
    let header = "<ir_version: 8, opset_import: [\"\": 17]> g (\(type) x) => (\(type) y)"
    let before = try OnnxText.parse(header + " { y = Identity(x) }")
    let after = try OnnxText.parse(
      header + " <\(type) d = {\(difference)}> { y = Add(x, d) }")
    let samples = OneSample(inputs: ["x": .tensor(Tensor(a, shape: shape))])
    return try Verifier().verify(before, after, samples: samples).outputs[0].argmax
  }

  @Test func `classes that win in the place of others are counted`() throws {
    let change = try #require(
      try change(
        [4, 3], [5, 1, 0, 0, 7, 6, 0, 7, 5, 1, 2, 3],
        [5, 1, 0, 0, 6, 7, 0, 1, 5, 9, 2, 3]))
    #expect(change.axis == 1 && change.classes == 3)
    #expect(change.positions == 4 && change.changed == 3)
    #expect(
      change.flips.map { [$0.from, $0.to, $0.count] } == [[1, 2, 2], [2, 0, 1]])
    #expect(change.largestLostLead == 2)
  }

  @Test func `channels are the classes of an image`() throws {
    let change = try #require(
      try change([1, 2, 1, 2], [1, 0, 0, 1], [1, 2, 0, 1]))
    #expect(change.axis == 1)
    #expect(
      change.positions == 2 && change.flips.map { [$0.from, $0.to, $0.count] } == [[1, 0, 1]])
  }

  @Test func `the last axis holds the classes of a sequence, or the one that adds up to one`()
    throws
  {
    #expect(try change([1, 2, 3], [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6])?.axis == 2)
    #expect(
      try change([1, 2, 3], [0.5, 0.25, 1, 0.5, 0.75, 0], [0.5, 0.25, 1, 0.5, 0.75, 0])?.axis == 1)
  }

  @Test func `state is no choice between classes`() throws {
    let model = { (addend: String) in
      try OnnxText.parse(
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[3] x, float[3] s) => (float[3] y, float[3] "s.next")
        <float[3] s = {1, 2, 3}, float[3] d = {\(addend)}>
        { y = Add (x, d) "s.next" = Add (s, y) }
        """)
    }
    let samples = OneSample(inputs: ["x": .tensor(Tensor([3, 2, 1] as [Float]))])
    let outputs = try Verifier().verify(
      try model("0, 0, 0"), try model("0, 9, 0"), samples: samples
    ).outputs
    #expect(outputs.map(\.name) == ["y", "s.next"])
    #expect(outputs.map { $0.argmax?.changed } == [1, nil])
  }

  @Test func `one number is no choice between classes`() throws {
    #expect(try change([4, 1], [1, 2, 3, 4], [1, 2, 3, 4]) == nil)
  }
}

/// One sample that is given.
struct OneSample: SampleSource {
  let inputs: [String: Datum]
  var count: Int { 1 }
  func sample(_ index: Int) -> [String: Datum] { inputs }
}
