internal import SurgeonIR

/// Operators that make values out of nothing or out of a shape.
enum Constants {
  @Sendable static func constant(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    for attribute in call.node.attributes {
      let tensor: Tensor
      switch (attribute.name, attribute.payload) {
      case ("value", .tensor(let value)): tensor = value
      case ("sparse_value", .sparseTensor(let value)): tensor = try value.dense()
      case ("value_float", .float(let number)): tensor = Tensor(scalar: number)
      case ("value_floats", .floats(let numbers)): tensor = Tensor(numbers)
      case ("value_int", .int(let number)): tensor = Tensor(scalar: number)
      case ("value_ints", .ints(let numbers)): tensor = Tensor(numbers)
      case ("value_string", .string(let text)):
        tensor = Tensor(elementType: .string, shape: [], storage: .strings([text]))
      case ("value_strings", .strings(let texts)):
        tensor = Tensor(elementType: .string, shape: [texts.count], storage: .strings(texts))
      default: continue
      }
      return [.tensor(try tensor.prepared(for: call.context.options.precision))]
    }
    throw call.failure("the node holds no value")
  }

  @Sendable static func constantOfShape(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    guard let shape = try call.ints(0) else { throw call.failure("the shape is missing") }
    let value = try (call.node.tensor("value") ?? Tensor([Float(0)]))
      .prepared(for: call.context.options.precision)
    guard value.count == 1 else { throw call.failure("'value' must be one number") }
    let count = try Sizes.count(shape)
    return [
      .tensor(try call.gather(value, blocks: [-1], length: count, shape: shape, fill: value))
    ]
  }

  /// start, start + delta, ... up to but not including limit.
  enum Range: NumberOperator {
    static func run<T: Arithmetic>(
      _ call: KernelCall, as type: T.Type
    ) throws(SurgeonError) -> [Datum?] {
      var numbers: [T] = []
      for slot in 0..<3 {
        let view = try call.tensor(slot).view(as: T.self)
        guard view.count == 1 else { throw call.failure("input \(slot) must be one number") }
        numbers.append(view[0])
      }
      let (start, limit, delta) = (numbers[0], numbers[1], numbers[2])
      guard delta != .zero else { throw call.failure("delta is 0") }
      let steps = ((limit.double - start.double) / delta.double).rounded(.up)
      guard steps.isFinite, steps < 0x1p40 else { throw call.failure("the range has no end") }
      let result = try call.output([max(0, Int(steps))], of: T.self)
      for index in 0..<result.count {
        result[index] = T.plus(start, T.times(T(converting: Double(index)), delta))
      }
      return [result.datum]
    }
  }

  /// Ones on a diagonal of a matrix of the input's shape.
  @Sendable static func eyeLike(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    guard tensor.shape.count == 2 else { throw call.failure("the input is not a matrix") }
    let type = try call.node.elementType("dtype").map(call.runtimeType) ?? tensor.elementType
    let offset = call.node.int("k", default: 0)
    let (rows, columns) = (tensor.shape[0], tensor.shape[1])
    var numbers = Array(repeating: 0.0, count: try Sizes.count(tensor.shape))
    for row in 0..<rows {
      let (column, overflow) = row.addingReportingOverflow(offset)
      if !overflow, column >= 0, column < columns { numbers[row * columns + column] = 1 }
    }
    return [.tensor(try .converting(numbers, to: type, shape: tensor.shape))]
  }
}
