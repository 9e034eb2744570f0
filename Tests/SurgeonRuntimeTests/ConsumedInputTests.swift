import SurgeonFormat
import SurgeonIR
import SurgeonRuntime
import SurgeonShapes
import SurgeonTestSupport
import Testing

/// A value that is kept between two sessions, in the hands of the one that reads it last.
@Suite struct ConsumedInputTests {
  /// What `y = Relu(a)` makes of `a`, which it may write over or not.
  private func rectified(
    _ a: RuntimeValue, consuming isConsumed: Bool
  ) throws -> RuntimeValue {
    let model = try model()
    let values = try values(of: model)
    return try run(
      GraphPart(from: [values[0]], to: [values[1]], of: model), of: model, ["a": a],
      consuming: isConsumed ? [values[0]] : [])
  }

  /// What `a = Neg(x)` leaves: the numbers -1000, -999, ... as [1, 2, 50, 40].
  private func kept() throws -> RuntimeValue {
    let model = try model()
    let values = try values(of: model)
    let x = Tensor((0..<4000).map { Float(1000 - $0) }, shape: [1, 2, 50, 40])
    let value = try run(
      GraphPart(from: [], to: [values[0]], of: model), of: model, ["x": .tensor(x)], consuming: [])
    return try #require(try value.stored()).value
  }

  private func run(
    _ part: GraphPart, of model: Model, _ inputs: [String: RuntimeValue],
    consuming consumable: Set<Value.ID>
  ) throws -> RuntimeValue {
    let session = try Session(
      part, of: model, types: try ShapeInference.infer(model), consuming: consumable,
      options: .init(), pool: BufferPool())
    let outputs = try session.run(layouts: inputs, observing: []) { _, _ in }
    return try #require(outputs.first?.value)
  }

  /// `a` and `y`.
  private func values(of model: Model) throws -> [Value.ID] {
    try Array(model.nodes(of: model.mainGraph)).map { try #require(model[$0].output(0)) }
  }

  private func model() throws -> Model {
    try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 17]>
      g (float[1,2,50,40] x) => (float[1,2,50,40] y) {
        a = Neg (x)
        y = Relu (a)
      }
      """)
  }

  private func place(of value: RuntimeValue) throws -> UnsafeRawPointer? {
    try value.withStoredBytes { $0.baseAddress }
  }

  private func first(_ value: RuntimeValue) throws -> Double? {
    try value.plain().tensor?.float64Elements()?.first
  }

  @Test func `the last reader writes its result where the value was`() throws {
    var a = try kept()
    let place = try place(of: a)
    a = a.lent()
    let y = try rectified(a, consuming: true)
    #expect(try self.place(of: y) == place)
    #expect(try first(y) == 0)
  }

  @Test func `a value that is not said to be consumed stays`() throws {
    let a = try kept().lent()
    let y = try rectified(a, consuming: false)
    #expect(try place(of: y) != place(of: a))
    #expect(try first(a) == -1000)
  }

  @Test func `memory that another value is in as well is not written over`() throws {
    let a = try kept()
    let other = try #require(try a.stored()).value
    let y = try rectified(a.lent(), consuming: true)
    #expect(try place(of: other) == place(of: a))
    #expect(try first(other) == -1000)
    #expect(try first(y) == 0)
  }

  @Test func `a value that was not lent stays, though it is consumed`() throws {
    let a = try kept()
    _ = try rectified(a, consuming: true)
    #expect(try first(a) == -1000)
  }

  @Test func `memory of the caller, such as a mapped file, is not written over`() throws {
    let numbers = UnsafeMutablePointer<Float>.allocate(capacity: 4000)
    defer { numbers.deallocate() }
    for index in 0..<4000 { numbers[index] = Float(index - 1000) }
    let y = try rectified(try mapped(numbers).lent(), consuming: true)
    #expect(numbers[0] == -1000)
    #expect(try first(y) == 0)
  }

  /// A kept value in memory whose owner nobody else has.
  private func mapped(_ numbers: UnsafePointer<Float>) throws -> RuntimeValue {
    final class Mapping: Sendable {}
    let tensor = Tensor(
      elementType: .float32, shape: [1, 2, 50, 40],
      bytes: TensorBytes(owner: Mapping(), base: UnsafeRawPointer(numbers), count: 16_000))
    return try #require(try RuntimeValue.tensor(tensor).stored()).value
  }
}
