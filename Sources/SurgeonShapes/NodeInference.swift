internal import SurgeonIR

/// One node under inference: what an operator's function reads and writes.
struct NodeInference {
  typealias Function = @Sendable (inout NodeInference) throws(SurgeonError) -> Void

  let id: Node.ID
  let node: Node
  /// The version of the operator set that the node belongs to.
  let opset: Int
  let engine: InferenceEngine
  private(set) var outputs: [ValueType?]
  private(set) var outputContents: [Contents?] = []

  init(id: Node.ID, node: Node, opset: Int, engine: InferenceEngine) {
    self.id = id
    self.node = node
    self.opset = opset
    self.engine = engine
    outputs = Array(repeating: nil, count: node.outputs.count)
  }

  // MARK: Inputs

  var inputCount: Int { node.inputs.count }

  func has(_ input: Int) -> Bool { node.input(input) != nil }

  func type(_ input: Int) -> ValueType? { node.input(input).flatMap { engine.table[$0] } }

  func elementType(_ input: Int) -> ElementType? {
    type(input)?.elementType.flatMap { $0 == .undefined ? nil : $0 }
  }

  func shape(_ input: Int) -> Shape? { type(input)?.shape }

  func rank(_ input: Int) -> Int? { shape(input)?.rank }

  /// The numbers of an input, where they are known and few.
  func contents(_ input: Int) throws(SurgeonError) -> Contents? {
    guard let value = node.input(input) else { return nil }
    return try engine.contents(of: value)
  }

  /// True where `contents` may find something, without reading numbers.
  func mayHaveContents(_ input: Int) -> Bool {
    node.input(input).map { engine.mayHaveContents($0) } ?? false
  }

  /// The numbers of an integer input, where all are known.
  func integers(_ input: Int) throws(SurgeonError) -> [Int]? {
    try contents(input)?.integers?.map(Int.clamped)
  }

  // MARK: Attributes, seen through the call in a function's body

  func attribute(_ name: String) -> Attribute.Payload? {
    for attribute in node.attributes where attribute.name == name {
      if case .reference(let name, _) = attribute.payload { return engine.bindings[name]?.payload }
      return attribute.payload
    }
    return nil
  }

  func int(_ name: String) -> Int? {
    if case .int(let value)? = attribute(name) { Int.clamped(value) } else { nil }
  }
  func int(_ name: String, default fallback: Int) -> Int { int(name) ?? fallback }
  func ints(_ name: String) -> [Int]? {
    if case .ints(let values)? = attribute(name) { values.map(Int.clamped) } else { nil }
  }
  func floats(_ name: String) -> [Double]? {
    if case .floats(let values)? = attribute(name) { values.map { Double($0) } } else { nil }
  }
  func float(_ name: String) -> Double? {
    if case .float(let value)? = attribute(name) { Double(value) } else { nil }
  }
  func string(_ name: String) -> String? {
    guard case .string(let bytes)? = attribute(name) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
  func tensor(_ name: String) -> Tensor? {
    if case .tensor(let tensor)? = attribute(name) { tensor } else { nil }
  }
  /// An element type given by its number in the standard.
  func elementType(attribute name: String) -> ElementType? {
    int(name).flatMap { Int32(exactly: $0) }.flatMap(ElementType.init(rawValue:))
  }

  /// Attribute `name`, or the numbers of input `input`, whichever this version of the operator has.
  func ints(_ name: String, orInput input: Int) throws(SurgeonError) -> [Int]? {
    if let values = ints(name) { return values }
    return try integers(input)
  }

  /// The same, where some of the numbers may be unknown.
  func elements(
    _ name: String, orInput input: Int
  ) throws(SurgeonError) -> [Contents.Element]? {
    if let values = ints(name) { return values.map(Contents.Element.integer) }
    return try contents(input)?.elements
  }

  // MARK: Outputs

  mutating func set(_ output: Int, _ type: ValueType?) {
    if output < outputs.count { outputs[output] = type }
  }

  mutating func set(_ type: ValueType?) { set(0, type) }

  /// A tensor output; nothing is recorded where neither element type nor rank is known.
  mutating func set(_ output: Int, _ elementType: ElementType?, _ shape: Shape?) {
    guard elementType != nil || shape != nil else { return }
    set(output, .tensor(elementType ?? .undefined, shape?.believable))
  }

  mutating func set(_ elementType: ElementType?, _ shape: Shape?) { set(0, elementType, shape) }

  mutating func set(
    _ output: Int, _ elementType: ElementType?, _ dimensions: some Sequence<Dimension>
  ) {
    set(output, elementType, Shape(Array(dimensions)))
  }

  mutating func set(_ elementType: ElementType?, _ dimensions: some Sequence<Dimension>) {
    set(0, elementType, Shape(Array(dimensions)))
  }

  mutating func set(contents: Contents?, of output: Int = 0) {
    guard let contents, contents.elements.count <= Contents.maxCount,
      contents.elements.contains(where: { $0 != .unknown })
    else { return }
    while outputContents.count <= output { outputContents.append(nil) }
    outputContents[output] = contents
  }

  // MARK: Checks

  /// Brings a possibly negative axis into 0..<rank.
  func axis(_ axis: Int, rank: Int) throws(SurgeonError) -> Int {
    let positive = axis < 0 ? axis + rank : axis
    guard (0..<rank).contains(positive) else {
      throw error("axis \(axis) is outside of rank \(rank)")
    }
    return positive
  }

  /// The same for a list of axes, each of which may stand only once.
  func axes(_ axes: [Int], rank: Int) throws(SurgeonError) -> [Int] {
    var result: [Int] = []
    for entry in axes {
      let axis = try axis(entry, rank: rank)
      guard !result.contains(axis) else { throw error("axis \(entry) is named twice") }
      result.append(axis)
    }
    return result
  }

  /// The one element type of several inputs; nil where none of them has a known one.
  func commonElementType(_ inputs: Range<Int>) throws(SurgeonError) -> ElementType? {
    var common: (input: Int, type: ElementType)?
    for input in inputs {
      guard let type = elementType(input) else { continue }
      guard let first = common else {
        common = (input, type)
        continue
      }
      guard type == first.type else {
        throw error(
          "\(describe(input)) is \(type.name), \(describe(first.input)) is \(first.type.name)")
      }
    }
    return common?.type
  }

  func requireRank(_ input: Int, _ accepted: ClosedRange<Int>) throws(SurgeonError) {
    guard let shape = shape(input), !accepted.contains(shape.rank) else { return }
    let wanted =
      accepted.lowerBound == accepted.upperBound
      ? "\(accepted.lowerBound)"
      : accepted.upperBound == Int.max
        ? "\(accepted.lowerBound) or more" : "\(accepted.lowerBound) to \(accepted.upperBound)"
    throw error("\(describe(input)) has rank \(shape.rank), not \(wanted)")
  }

  /// Two dimensions that must be the same.
  func unify(
    _ a: Dimension, _ b: Dimension, _ complaint: @autoclosure () -> String
  ) throws(SurgeonError) -> Dimension {
    guard let unified = Dimension.unified(a, b) else { throw error(complaint()) }
    return unified
  }

  /// "input 1 'conv1.weight' of shape [64, 3, 7, 7]", for messages.
  func describe(_ input: Int) -> String {
    guard let value = node.input(input) else { return "input \(input)" }
    return "input \(input) '\(engine.model[value].name)'"
      + (shape(input).map { " of shape \($0.text)" } ?? "")
  }

  /// A node that does not fit its inputs; `detail` says what does not.
  func error(_ detail: String) -> SurgeonError {
    SurgeonError(
      .invalidNode, "\(node.opType) does not fit its inputs", at: engine.location(of: node),
      detail: detail)
  }
}
