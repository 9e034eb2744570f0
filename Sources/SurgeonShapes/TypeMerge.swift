internal import SurgeonIR

// Two statements about one value.
extension ValueType {
  /// What is computed, completed by what is recorded.
  ///
  /// - Returns: the type, and whether the two contradict each other; the computed one wins there.
  static func merged(
    computed: ValueType, recorded: ValueType
  ) -> (type: ValueType, isConflict: Bool) {
    if computed == recorded { return (computed, false) }
    switch (computed.kind, recorded.kind) {
    case (_, .unspecified): return (computed, false)
    case (.unspecified, _): return (recorded, false)
    case (.tensor(let a, let x), .tensor(let b, let y)):
      let (shape, isConflict) = merged(computed: x, recorded: y)
      let clash = a != b && a != .undefined && b != .undefined
      let type = ValueType(
        .tensor(a == .undefined ? b : a, shape), denotation: recorded.denotation)
      return (type, clash || isConflict)
    case (.sequence(let a), .sequence(let b)):
      let (element, isConflict) = merged(computed: a, recorded: b)
      return (ValueType(.sequence(element), denotation: recorded.denotation), isConflict)
    case (.optional(let a), .optional(let b)):
      let (element, isConflict) = merged(computed: a, recorded: b)
      return (ValueType(.optional(element), denotation: recorded.denotation), isConflict)
    case (.map(let k, let a), .map(let l, let b)):
      let (value, isConflict) = merged(computed: a, recorded: b)
      return (ValueType(.map(key: k, value: value)), isConflict || k != l)
    // A sparse initializer is dense to the nodes that read it.
    case (.tensor, .sparseTensor), (.sparseTensor, .tensor), (.sparseTensor, .sparseTensor):
      return (computed, false)
    default: return (computed, true)
    }
  }

  private static func merged(
    computed: Shape?, recorded: Shape?
  ) -> (shape: Shape?, isConflict: Bool) {
    guard let computed else { return (recorded, false) }
    guard let recorded else { return (computed, false) }
    guard computed.rank == recorded.rank else { return (computed, true) }
    var dimensions = computed.dimensions
    var isConflict = false
    for axis in dimensions.indices {
      let record = recorded.dimensions[axis]
      switch (dimensions[axis].size, record.size) {
      case (.known(let x), .known(let y)): isConflict = isConflict || x != y
      case (.symbolic, .known), (.unknown, _): dimensions[axis].size = record.size
      default: break
      }
      dimensions[axis].denotation = record.denotation
    }
    return (Shape(dimensions), isConflict)
  }

  /// What holds of a value that is sometimes of one type and sometimes of the other: the branches
  /// of If, the rounds of Loop, the calls of a function. nil where nothing does.
  static func joined(_ a: ValueType?, _ b: ValueType?) -> ValueType? {
    guard let a, let b else { return nil }
    if a == b { return a }
    switch (a.kind, b.kind) {
    case (.tensor(let x, let s), .tensor(let y, let t)):
      return .tensor(x == y ? x : .undefined, joined(s, t))
    case (.sequence(let x), .sequence(let y)):
      return joined(x, y).map { ValueType(.sequence($0)) }
    case (.optional(let x), .optional(let y)):
      return joined(x, y).map { ValueType(.optional($0)) }
    default: return nil
    }
  }

  private static func joined(_ a: Shape?, _ b: Shape?) -> Shape? {
    guard let a, let b, a.rank == b.rank else { return nil }
    return Shape(
      zip(a.dimensions, b.dimensions).map { $0.size == $1.size ? $0 : .unknown })
  }

  /// The type with numbers in place of the dimension names that `sizes` knows,
  /// and without sizes that cannot be.
  func replacingNames(by sizes: [String: Int]) -> ValueType {
    if sizes.isEmpty, case .tensor(_, let shape) = kind, shape?.believable == shape { return self }
    let kind: Kind =
      switch kind {
      case .tensor(let elementType, let shape?):
        .tensor(elementType, shape.replacingNames(by: sizes))
      case .sparseTensor(let elementType, let shape?):
        .sparseTensor(elementType, shape.replacingNames(by: sizes))
      case .sequence(let element): .sequence(element.replacingNames(by: sizes))
      case .optional(let element): .optional(element.replacingNames(by: sizes))
      case .map(let key, let value): .map(key: key, value: value.replacingNames(by: sizes))
      default: self.kind
      }
    return ValueType(kind, denotation: denotation)
  }
}

extension Shape {
  fileprivate func replacingNames(by sizes: [String: Int]) -> Shape {
    Shape(
      dimensions.map { dimension in
        guard case .symbolic(let name) = dimension.size, let size = sizes[name] else {
          return dimension
        }
        return Dimension(.known(size), denotation: dimension.denotation)
      }
    ).believable
  }
}
