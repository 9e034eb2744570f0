internal import SurgeonIR

/// Operators whose output is said by attributes or by the numbers of small inputs.
enum Generators {
  static func constant(_ node: inout NodeInference) throws(SurgeonError) {
    for attribute in node.node.attributes {
      switch node.attribute(attribute.name) {
      case .tensor(let tensor)? where attribute.name == "value":
        node.set(tensor.elementType, Shape(tensor.shape))
        node.set(contents: try Contents(tensor))
      case .sparseTensor(let tensor)?: node.set(tensor.values.elementType, Shape(tensor.shape))
      case .float(let value)? where attribute.name == "value_float":
        node.set(.float32, Shape([Dimension]()))
        node.set(contents: Contents(scalar: .real(Double(value))))
      case .int(let value)? where attribute.name == "value_int":
        node.set(.int64, Shape([Dimension]()))
        node.set(contents: Contents(scalar: .integer(Int(value))))
      case .floats(let values)? where attribute.name == "value_floats":
        node.set(.float32, [.known(values.count)])
        node.set(
          contents: Contents(shape: [values.count], elements: values.map { .real(Double($0)) }))
      case .ints(let values)? where attribute.name == "value_ints":
        node.set(.int64, [.known(values.count)])
        node.set(
          contents: Contents(shape: [values.count], elements: values.map { .integer(Int($0)) }))
      case .string? where attribute.name == "value_string": node.set(.string, Shape([Dimension]()))
      case .strings(let values)? where attribute.name == "value_strings":
        node.set(.string, [.known(values.count)])
      default: continue
      }
    }
  }

  static func constantOfShape(_ node: inout NodeInference) throws(SurgeonError) {
    let value = node.tensor("value")
    let elementType = value?.elementType ?? .float32
    node.set(elementType, nil)
    guard let target = try node.contents(0) else {
      if let rank = node.shape(0)?.dimensions.first?.value, rank <= 64 {
        node.set(elementType, .ofRank(rank))
      }
      return
    }
    node.set(elementType, target.dimensions)
    guard let sizes = target.integers, let count = Shape(target.dimensions).elementCount,
      count <= Contents.maxCount
    else { return }
    let element =
      try value.flatMap { value throws(SurgeonError) in try Contents(value) }?
      .elements.first ?? .real(0)
    node.set(
      contents: Contents(shape: sizes, elements: Array(repeating: element, count: count)))
  }

  /// Shape: of the axes start..<end (opset 15 on), clamped.
  static func shape(_ node: inout NodeInference) {
    node.set(.int64, [.unknown])
    guard let x = node.shape(0) else { return }
    func bound(_ value: Int) -> Int { min(max(value < 0 ? value + x.rank : value, 0), x.rank) }
    let start = bound(node.int("start", default: 0))
    let end = bound(node.int("end", default: x.rank))
    let dimensions = x.dimensions[start..<max(start, end)]
    node.set(.int64, [.known(dimensions.count)])
    node.set(contents: Contents(dimensions))
  }

  static func size(_ node: inout NodeInference) {
    node.set(.int64, Shape([Dimension]()))
    guard let x = node.shape(0) else { return }
    node.set(contents: Contents(scalar: Contents.Element(Dimension.product(x.dimensions))))
  }

  static func range(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), [.unknown])
    guard let start = try node.contents(0)?.elements.first,
      let limit = try node.contents(1)?.elements.first,
      let step = try node.contents(2)?.elements.first
    else { return }
    if start == .integer(0), step == .integer(1), case .symbol = limit {
      return node.set(node.elementType(0), [limit.dimension])
    }
    guard let low = start.number, let high = limit.number, let delta = step.number, delta != 0,
      let count = Int(exactly: max(((high - low) / delta).rounded(.up), 0))
    else { return }
    node.set(node.elementType(0), [.known(count)])
    guard count <= Contents.maxCount, case .integer(let first) = start,
      case .integer(let increment) = step
    else { return }
    node.set(
      contents: Contents(
        shape: [count], elements: (0..<count).map { .integer(first &+ $0 &* increment) }))
  }

  /// RandomNormal, RandomUniform: shape and type are attributes.
  static func random(_ node: inout NodeInference) {
    let elementType = node.elementType(attribute: "dtype") ?? .float32
    node.set(elementType, node.ints("shape").map { Shape($0.map { max($0, 0) }) })
  }

  /// RandomNormalLike, Bernoulli, EyeLike: input 0's shape, its type unless an attribute says.
  static func like(_ node: inout NodeInference) {
    node.set(node.elementType(attribute: "dtype") ?? node.elementType(0), node.shape(0))
  }

  /// Multinomial: [batch, sample_size].
  static func multinomial(_ node: inout NodeInference) {
    node.set(
      node.elementType(attribute: "dtype") ?? .int32,
      [
        node.shape(0)?.dimensions.first ?? .unknown,
        .known(max(node.int("sample_size", default: 1), 0)),
      ])
  }
}
