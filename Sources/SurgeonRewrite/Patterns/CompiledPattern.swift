/// A pattern as the matcher reads it: one flat array, captures by number.
struct CompiledPattern: Sendable {
  struct Element: Sendable {
    var kind: Kind
    var constraints: [Constraint]
    /// Captures of the value besides what the kind captures.
    var valueSlots: [Int]
    var location: SourceLocation?
  }

  enum Kind: Sendable {
    case op(Operator)
    case capture(slot: Int, CaptureKind)
    case number(Double, tolerance: Double?)
    case absent
    case anything
    case either([Int])
    case chain(Set<String>, atLeast: Int, of: Int)
  }

  /// A class, so that reading an element costs one retain however much the operator holds.
  final class Operator: Sendable {
    let opTypes: [String]
    let domain: String?
    let inputs: [Int]
    let rest: Rest
    let attributes: [AttributePattern]
    let attributeSlots: [Int?]
    let outputs: [(slot: Int, isOptional: Bool)]?
    let output: Int?
    let acceptsAnyOutputs: Bool
    let nodeSlot: Int?
    let isCommutative: Bool
    /// Places among `inputs` at which not any value can stand: an operator of some kind, a constant.
    let tellingInputs: [Int]

    init(
      _ op: OpPattern, inputs: [Int], tellingInputs: [Int], rest: Rest,
      slot: (String) -> Int
    ) {
      (opTypes, domain) = (op.opTypes, op.domain)
      (self.inputs, self.tellingInputs, self.rest) = (inputs, tellingInputs, rest)
      attributes = op.attributes
      attributeSlots = op.attributes.map {
        if case .capture(let name, _, _, _) = $0.demand { slot(name) } else { nil }
      }
      outputs = op.outputs?.map { (slot($0.name), $0.isOptional) }
      (output, acceptsAnyOutputs) = (op.output, op.acceptsAnyOutputs)
      nodeSlot = op.nodeCapture.map(slot)
      isCommutative = !op.isOrdered && Commutativity.holds(for: op)
    }

    func accepts(opType: String, domain: String) -> Bool {
      (self.domain == nil || self.domain == domain)
        && (opTypes.isEmpty || opTypes.contains(opType))
    }
  }

  /// Operators that may stand at a place of the pattern.
  struct Candidates {
    /// Empty: any operator.
    let opTypes: [String]
    /// nil: any domain.
    let domain: String?

    func accepts(opType: String, domain: String) -> Bool {
      (self.domain == nil || self.domain == domain)
        && (opTypes.isEmpty || opTypes.contains(opType))
    }
  }

  /// What becomes of inputs after those that have a pattern.
  enum Rest: Sendable {
    case none
    case ignored
    case captured(slot: Int)
  }

  private(set) var elements: [Element] = []
  private(set) var captureNames: [String] = []
  private(set) var roots: [Int] = []
  private(set) var subjectSlot: Int?
  /// The number of operators on the longest path from a root.
  private(set) var depth = 0
  /// The number of operators.
  private(set) var operatorCount = 0

  /// - Precondition: every root is an operator, a chain of at least one or around an operator, or
  ///   alternatives of these; every name is captured as one kind of thing, and the subject is
  ///   captured.
  init(root: Pattern, further: [Pattern], subject: String?, ofRule rule: String) {
    for pattern in [root] + further {
      let index = add(pattern, depth: 1)
      roots.append(index)
      precondition(
        operators(at: index) != nil,
        "rule \(rule): a root is an operator, a chain or a choice of these")
    }
    if let subject {
      subjectSlot = captureNames.firstIndex(of: subject)
      precondition(subjectSlot != nil, "rule \(rule): the pattern does not capture '\(subject)'")
    }
  }

  /// True where the pattern is one operator, whichever: such a rule means no place in particular.
  var isForEveryNode: Bool {
    operatorCount == 1 && operators(at: roots[0])?.allSatisfy(\.opTypes.isEmpty) ?? false
  }

  /// The operators that an element can be; nil where it can be something else.
  func operators(at element: Int) -> [Candidates]? {
    switch elements[element].kind {
    case .op(let op): return [Candidates(opTypes: op.opTypes, domain: op.domain)]
    case .chain(let opTypes, let count, let inner):
      let links = Candidates(opTypes: opTypes.sorted(), domain: "")
      if count > 0 { return [links] }
      return operators(at: inner).map { [links] + $0 }
    case .either(let alternatives):
      var result: [Candidates] = []
      for alternative in alternatives {
        guard let some = operators(at: alternative) else { return nil }
        result += some
      }
      return result
    default: return nil
    }
  }

  /// Numbers of the captures in the subtree of `element`.
  func slots(under element: Int) -> [Int] {
    var result = elements[element].valueSlots
    switch elements[element].kind {
    case .op(let op): result += op.inputs.flatMap { slots(under: $0) }
    case .capture(let slot, _): result.append(slot)
    case .either(let alternatives): result += alternatives.flatMap { slots(under: $0) }
    case .chain(_, _, let inner): result += slots(under: inner)
    case .number, .absent, .anything: break
    }
    return result
  }

  private mutating func slot(_ name: String) -> Int {
    if let slot = captureNames.firstIndex(of: name) { return slot }
    captureNames.append(name)
    return captureNames.count - 1
  }

  private mutating func add(_ pattern: Pattern, depth level: Int) -> Int {
    let kind: Kind
    switch pattern.kind {
    case .op(let op): kind = .op(compile(op, depth: level))
    case .capture(let name, let captureKind): kind = .capture(slot: slot(name), captureKind)
    case .number(let number, let tolerance): kind = .number(number, tolerance: tolerance)
    case .absent: kind = .absent
    case .anything: kind = .anything
    case .rest: preconditionFailure("Op.rest stands only as the last input of an operator")
    case .either(let alternatives):
      kind = .either(alternatives.map { add($0, depth: level) })
    case .chain(let types, let count, let inner):
      kind = .chain(types, atLeast: count, of: add(inner, depth: level + max(count, 1)))
    }
    elements.append(
      Element(
        kind: kind, constraints: pattern.constraints,
        valueSlots: pattern.valueCaptures.map { slot($0) }, location: pattern.location))
    return elements.count - 1
  }

  private mutating func compile(_ op: OpPattern, depth level: Int) -> Operator {
    depth = max(depth, level)
    operatorCount += 1
    var inputs = op.inputs
    var rest = Rest.none
    switch inputs.last?.kind {
    case .rest:
      rest = .ignored
      inputs.removeLast()
    case .capture(let name, .remainingValues):
      rest = .captured(slot: slot(name))
      inputs.removeLast()
    default: break
    }
    let children = inputs.map { add($0, depth: level + 1) }
    let tellingInputs = children.indices.filter { place in
      switch elements[children[place]].kind {
      case .op(let child): !child.opTypes.isEmpty
      case .number, .capture(_, .constant(isOptional: false)): true
      case .capture, .absent, .anything, .either, .chain: false
      }
    }
    return Operator(op, inputs: children, tellingInputs: tellingInputs, rest: rest) {
      slot($0)
    }
  }
}
