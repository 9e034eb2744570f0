import SurgeonIR
import SurgeonRuntime
import Testing

/// Operators that look elements up by index.
@Suite struct IndexingTests {
  private static let matrix = floats([1, 2, 3, 4, 5, 6], [2, 3])

  @Test func `an index counts from the end where it is negative`() throws {
    let indices = Tensor([Int64(-1), 0, 1, -3], shape: [2, 2])
    let found = try run("GatherElements", [Self.matrix, indices], [.int("axis", 1)])
    #expect(found[0].floats == [3, 1, 5, 4])
  }

  @Test func `indices of 32 bits mean the same`() throws {
    let indices = Tensor([Int32(-1), 0, 0], shape: [1, 3])
    let found = try run("GatherElements", [Self.matrix, indices], [.int("axis", 0)])
    #expect(found[0].floats == [4, 2, 3])
  }

  @Test func `the last of several updates of an element stays`() throws {
    let indices = Tensor([Int64(2), 2, 0], shape: [1, 3])
    let updates = floats([7, 8, 9], [1, 3])
    let found = try run("ScatterElements", [Self.matrix, indices, updates], [.int("axis", 1)])
    #expect(found[0].floats == [9, 2, 8, 4, 5, 6])
  }

  @Test func `slices are replaced whole`() throws {
    let indices = Tensor([Int64(-1)], shape: [1, 1])
    let found = try run("ScatterND", [Self.matrix, indices, floats([7, 8, 9], [1, 3])])
    #expect(found[0].floats == [1, 2, 3, 7, 8, 9])
  }

  @Test(arguments: ["GatherElements", "ScatterElements"])
  func `an index outside of the axis is named`(operator name: String) throws {
    let indices = Tensor([Int64(0), 3], shape: [1, 2])
    let updates = name == "ScatterElements" ? [floats([7, 8], [1, 2])] : []
    let error = #expect(throws: SurgeonError.self) {
      try run(name, [Self.matrix, indices] + updates, [.int("axis", 1)])
    }
    #expect(error?.message.contains("index 3 lies outside of an axis of size 3") == true)
  }

  @Test func `nothing is gathered from an empty axis`() throws {
    let empty = floats([], [2, 0])
    let indices = Tensor([Int64](), shape: [2, 0])
    #expect(try run("GatherElements", [empty, indices], [.int("axis", 1)])[0].shape == [2, 0])
    #expect(throws: SurgeonError.self) {
      try run("GatherElements", [empty, Tensor([Int64(0)], shape: [1, 1])], [.int("axis", 1)])
    }
  }

  @Test func `running sums of whole rows`() throws {
    let rows = floats((0..<24).map(Float.init), [3, 8])
    func sums(_ names: [String]) throws -> [Float]? {
      let flags = names.map { Attribute.int($0, 1) }
      return try run("CumSum", [rows, Tensor([Int64(0)], shape: [])], flags)[0].floats
    }
    let (first, second, third) = (
      (0..<8).map(Float.init), (8..<16).map(Float.init), (16..<24).map(Float.init)
    )
    func plus(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map(+) }
    let zeros = [Float](repeating: 0, count: 8)
    #expect(try sums([]) == first + plus(first, second) + plus(plus(first, second), third))
    #expect(try sums(["exclusive"]) == zeros + first + plus(first, second))
    #expect(try sums(["exclusive", "reverse"]) == plus(second, third) + third + zeros)
  }

  @Test func `an index that is none leaves its line cold`() throws {
    let found = try run(
      "OneHot",
      [
        Tensor([Int64(1), -1, 5], shape: [3]), Tensor([Int64(3)], shape: [1]),
        Tensor([Int64(4), 9], shape: [2]),
      ])
    #expect(found[0].integers == [4, 9, 4, 4, 4, 9, 4, 4, 4])
  }

  @Test(arguments: [2, 200])
  func `the best of many numbers, equal ones in their order`(k: Int) throws {
    let numbers = (0..<1000).map { Float($0 * 7919 % 97) } + [.nan, -0.0, 0, -.infinity]
    let order = numbers.indices.sorted { a, b in
      let (x, y) = (numbers[a], numbers[b])
      if x.isNaN || y.isNaN { return x.isNaN && !y.isNaN }
      return x == y ? a < b : x > y
    }
    let found = try run(
      "TopK", [floats(numbers, [1004]), Tensor([Int64(k)], shape: [1])], outputs: 2)
    #expect(found[1].integers == order[..<k].map(Int64.init))
  }

  @Test(arguments: [ElementType.float32, .float64, .float16, .bool, .int8, .int64])
  func `what is not zero is found by its place`(type: ElementType) throws {
    let numbers: [Float] = [0, 1, -0.0, 0, 0, 0, 1, 1, 0, 0, 0, 1]
    let x = try run("Cast", [floats(numbers, [2, 2, 3])], [.int("to", Int(type.rawValue))])[0]
    let found = try run("NonZero", [x])[0]
    #expect(found.shape == [3, 4])
    #expect(found.integers == [0, 1, 1, 1, 0, 0, 0, 1, 1, 0, 1, 2])
    #expect(try run("NonZero", [floats([7], [])])[0].integers == [0])
    #expect(try run("NonZero", [floats([], [2, 0])])[0].shape == [2, 0])
  }

  @Test(arguments: SessionOptions.Engine.allCases)
  func `the first of the largest elements of a row is 1`(engine: SessionOptions.Engine) throws {
    var options = SessionOptions()
    options.engine = engine
    let rows = floats([1, 3, 3, .nan, 2, 5, -1, .nan, -2, 0, 0, -0.0], [3, 4])
    func marks(_ attributes: [Attribute], opset: Int = 21) throws -> [Float]? {
      try run("Hardmax", [rows], attributes, opset: opset, options: options)[0].floats
    }
    #expect(try marks([]) == [0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0])
    #expect(try marks([.int("axis", 0)]) == [0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    #expect(try marks([.int("axis", 0)], opset: 12) == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
  }

  @Test func `boxes that overlap no better one are kept, however many come first`() throws {
    // Box i of 0 ..< 300 stands at 10 (i % 5): all but five overlap a better one wholly.
    let boxes = (0..<300).flatMap { i -> [Float] in
      let left = Float(10 * (i % 5))
      return [0, left, 1, left + 9]
    }
    let scores = (0..<300).map { Float(300 - $0) }
    func kept(limit: Int64, above threshold: Float) throws -> [Int64]? {
      try run(
        "NonMaxSuppression",
        [
          floats(boxes, [1, 300, 4]), floats(scores + scores.reversed(), [1, 2, 300]),
          Tensor([limit], shape: [1]), floats([0.5], [1]), floats([threshold], [1]),
        ])[0].integers
    }
    let first: [Int64] = [0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4]
    let second: [Int64] = [0, 1, 299, 0, 1, 298, 0, 1, 297, 0, 1, 296, 0, 1, 295]
    #expect(try kept(limit: 100, above: 0) == first + second)
    #expect(try kept(limit: 3, above: 0) == Array(first[..<9] + second[..<9]))
    #expect(try kept(limit: 100, above: 298) == Array(first[..<6] + second[..<6]))
    #expect(try kept(limit: 0, above: 0) == [])
  }
}
