internal import SurgeonFormat
internal import SurgeonIR

/// Compares the nodes of a rule with what the standard says of their operators: names, numbers of
/// inputs and outputs, attributes, and element types as far as they are known.
///
/// A rule may be about several operator sets, and an operator may be another one in each; the nodes
/// must fit in one set at least.
struct SchemaCheck {
  let rule: RuleText
  /// Operator sets that the rule is about.
  let opsets: ClosedRange<Int>
  /// What the conditions say of element types.
  private var declared: [String: ElementTypes] = [:]
  /// The versions of the operators of the rule, by domain and name.
  private var versions: [String: [String: [OperatorSchema]]] = [:]

  /// Something that the standard does not allow.
  struct Problem {
    var message: String
    var place: Int
    var hint: String?
  }

  init(_ rule: RuleText) {
    self.rule = rule
    var opsets = 1...OperatorTable.latestOpset
    for condition in rule.conditions {
      switch condition.kind {
      case .opset(let range):
        opsets =
          max(
            opsets.lowerBound, range.lowerBound)...max(
            max(opsets.lowerBound, range.lowerBound), min(opsets.upperBound, range.upperBound))
      case .elementType(let names):
        for name in condition.names {
          let types = names.compactMap { ElementType(name: $0) }.map { ElementTypes($0) }
          declared[name.text] = types.reduce([]) { $0.union($1) }
        }
      default: break
      }
    }
    self.opsets = opsets
    for node in rule.match + rule.replacement {
      let domain = Model.canonical(node.domain)
      guard OperatorSchemas.knows(domain: domain) else { continue }
      for name in [node.opType] + node.alternatives.map(\.text)
      where versions[domain]?[name] == nil {
        versions[domain, default: [:]][name] = OperatorSchemas.versions(of: name, domain: domain)
      }
    }
  }

  /// What does not fit in any operator set; nil where some set has it all.
  func problem() -> Problem? {
    var newest: Problem?
    for opset in opsets.reversed() {
      var pass = SchemaPass(opset: opset, of: opsets, versions: versions, types: declared)
      guard
        let problem = pass.problem(in: rule.match, isPattern: true)
          ?? pass.problem(in: rule.replacement, isPattern: false)
      else { return nil }
      if newest == nil { newest = problem }
    }
    return newest
  }

  /// Operator sets in which the replacement is what the standard allows.
  func opsetsOfReplacement() -> [Int] {
    opsets.filter { opset in
      var pass = SchemaPass(opset: opset, of: opsets, versions: versions, types: declared)
      _ = pass.problem(in: rule.match, isPattern: true)
      return pass.problem(in: rule.replacement, isPattern: false) == nil
    }
  }

  /// The type of a number that stands as an input of a node: the only one that may stand there, or
  /// that of other inputs.
  func typeOfNumber(_ index: Int, in node: GraphText.NodeText) -> LiteralType {
    let known = versions[Model.canonical(node.domain)]?[node.opType] ?? []
    guard let schema = known.last(where: { $0.since <= opsets.upperBound }),
      let parameter = OperatorSchema.parameter(index, of: schema.inputs)
    else { return .like(node.inputs.filter { $0.operand == nil }.map(\.text)) }
    if let types = parameter.types, types.members.count == 1 { return .fixed(types.members[0]) }
    let siblings = node.inputs.enumerated().filter { place, input in
      input.operand == nil && !parameter.variable.isEmpty
        && OperatorSchema.parameter(place, of: schema.inputs)?.variable == parameter.variable
    }
    return .like(siblings.map(\.element.text))
  }
}

/// What type a number in a replacement has.
enum LiteralType: Sendable {
  case fixed(ElementType)
  /// That of the first of these values whose type is known.
  case like([String])
}
