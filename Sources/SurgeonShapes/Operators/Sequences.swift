internal import SurgeonIR

/// Operators on sequences and optionals.
enum Sequences {
  /// SequenceConstruct: what all inputs have in common.
  static func construct(_ node: inout NodeInference) throws(SurgeonError) {
    let elementType = try node.commonElementType(0..<node.inputCount)
    var element = node.type(0)
    for input in 1..<max(node.inputCount, 1) { element = .joined(element, node.type(input)) }
    node.set((element ?? elementType.map { .tensor($0, nil) }).map { ValueType(.sequence($0)) })
  }

  static func empty(_ node: inout NodeInference) {
    let elementType = node.elementType(attribute: "dtype") ?? .float32
    node.set(ValueType(.sequence(.tensor(elementType, nil))))
  }

  /// SequenceInsert: the new element may have another shape.
  static func insert(_ node: inout NodeInference) {
    guard let element = node.sequenceElement(0) else { return }
    let joined = ValueType.joined(element, node.type(1) ?? element)
    // The element of an empty sequence has no shape that would widen the inserted one's.
    node.set(ValueType(.sequence(joined ?? element)))
  }

  static func erase(_ node: inout NodeInference) { node.set(node.type(0)) }

  static func at(_ node: inout NodeInference) { node.set(node.sequenceElement(0)) }

  static func length(_ node: inout NodeInference) { node.set(.int64, Shape([Int]())) }

  /// SplitToSequence: chunks of 1 without the axis (unless keepdims), or of given sizes.
  static func split(_ node: inout NodeInference) throws(SurgeonError) {
    guard let elementType = node.elementType(0) else { return }
    guard let x = node.shape(0) else {
      return node.set(ValueType(.sequence(.tensor(elementType, nil))))
    }
    let axis = try node.axis(node.int("axis", default: 0), rank: x.rank)
    var dimensions = x.dimensions
    if node.has(1) {
      let sizes = try node.integers(1) ?? []
      let isScalar = node.rank(1) == 0
      let isEven =
        isScalar
        ? sizes.first.flatMap { size in x[axis].value.map { size > 0 && $0 % size == 0 } } ?? false
        : !sizes.isEmpty && sizes.allSatisfy { $0 == sizes[0] }
      dimensions[axis] = isEven ? sizes.first.map { .known($0) } ?? .unknown : .unknown
    } else if node.int("keepdims", default: 1) != 0 {
      dimensions[axis] = .known(1)
    } else {
      dimensions.remove(at: axis)
    }
    node.set(ValueType(.sequence(.tensor(elementType, Shape(dimensions)))))
  }

  static func concat(_ node: inout NodeInference) throws(SurgeonError) {
    guard let element = node.sequenceElement(0) else { return }
    node.set(element.elementType, nil)
    guard var dimensions = element.shape?.dimensions else { return }
    let isNew = node.int("new_axis", default: 0) != 0
    guard let given = node.int("axis") else {
      throw node.error("the attribute axis is missing")
    }
    let axis = try node.axis(given, rank: dimensions.count + (isNew ? 1 : 0))
    if isNew {
      dimensions.insert(.unknown, at: axis)
    } else {
      dimensions[axis] = .unknown
    }
    node.set(element.elementType, dimensions)
  }

  /// Optional: of the input, or empty of the type that an attribute gives.
  static func optional(_ node: inout NodeInference) {
    if case .type(let type)? = node.attribute("type") {
      node.set(ValueType(.optional(type)))
    } else {
      node.set(node.type(0).map { ValueType(.optional($0)) })
    }
  }

  static func hasElement(_ node: inout NodeInference) { node.set(.bool, Shape([Int]())) }

  /// OptionalGetElement: from opset 18 on also of what is not optional.
  static func getElement(_ node: inout NodeInference) {
    if case .optional(let element)? = node.type(0)?.kind {
      node.set(element)
    } else {
      node.set(node.type(0))
    }
  }
}

extension NodeInference {
  /// The type of the elements of a sequence input.
  func sequenceElement(_ input: Int) -> ValueType? {
    if case .sequence(let element)? = type(input)?.kind { element } else { nil }
  }
}
