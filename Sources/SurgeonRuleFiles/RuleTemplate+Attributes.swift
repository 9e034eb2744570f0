internal import SurgeonIR
internal import SurgeonRewrite

extension RuleTemplate {
  /// The attributes of a node of the replacement: those that are written there, with what `@name`
  /// stands for, and those taken over by `<others...>`.
  ///
  /// - Parameter computed: constants of the replacement.
  func attributes(
    of step: Step, _ match: Match, _ context: RewriteContext, _ computed: [String: Tensor]
  ) throws -> [Attribute] {
    var result: [Attribute] = []
    for attribute in step.attributes {
      guard case .reference(let name, _) = attribute.payload else {
        result.append(Attribute(attribute.name, attribute.payload))
        continue
      }
      let payload: Attribute.Payload?
      if let binding = match.binding("@\(name)") {
        payload = try captured(binding, "@\(name)", as: attribute.name, of: step, context)
      } else if let tensor = computed[name] ?? Tensor.read(match.binding(name)) {
        payload = try Self.payload(of: tensor, name, as: attribute.name, of: step)
      } else {
        throw Decline("'\(name)' is left out, and the replacement needs it as an attribute")
      }
      if let payload { result.append(Attribute(attribute.name, payload)) }
    }
    return result + (try others(of: step, match, context))
  }

  /// A captured attribute. One that is left out is left out in the same operator, and is its default
  /// in another.
  private func captured(
    _ binding: Binding, _ capture: String, as name: String, of step: Step,
    _ context: RewriteContext
  ) throws(Decline) -> Attribute.Payload? {
    if let payload = binding.attributePayload { return payload }
    let source = sources[capture]
    if let source, source.name == name, source.opTypes == [step.opType] { return nil }
    if let value = source?.defaults.value(at: context.opset(source?.domain ?? "")) {
      return value.attributePayload
    }
    let isNeeded =
      step.opType == "Constant"
      || OperatorSchemas.newest(of: step.opType, domain: step.domain)?
        .attribute(name)?.isRequired == true
    guard isNeeded else { return nil }
    throw Decline("\(capture) is left out and has no default, and \(step.opType) needs it")
  }

  /// A constant as an attribute of the type that the operator wants.
  private static func payload(
    of tensor: Tensor, _ name: String, as attribute: String, of step: Step
  ) throws -> Attribute.Payload {
    let schema = OperatorSchemas.newest(of: step.opType, domain: step.domain)?
      .attribute(attribute)
    let floats = try tensor.float64Elements()?.map { Float($0) }
    let ints = try tensor.intElements()?.map { Int64($0) }
    let isScalar = tensor.count == 1
    let type =
      schema?.type ?? (tensor.shape.isEmpty ? (ints == nil ? "f" : "i") : ints == nil ? "F" : "I")
    switch type {
    case "t": return .tensor(tensor)
    case "f": if isScalar, let number = floats?.first { return .float(number) }
    case "i": if isScalar, let number = ints?.first { return .int(number) }
    case "F": if let floats { return .floats(floats) }
    case "I": if let ints { return .ints(ints) }
    default: break
    }
    throw Decline(
      "'\(name)' of type \(tensor.elementType.name) and shape \(tensor.shape) does not do for"
        + " attribute '\(attribute)' of \(step.opType)")
  }

  private func others(
    of step: Step, _ match: Match, _ context: RewriteContext
  ) throws(Decline) -> [Attribute] {
    guard let name = step.otherAttributes, let node = Node.ID.read(match.binding("\(name)..."))
    else { return [] }
    let excluded = (named[name] ?? []).union(step.attributes.map(\.name))
    let schema = OperatorSchemas.newest(of: step.opType, domain: step.domain)
    return try context.model[node].attributes.filter { !excluded.contains($0.name) }.map {
      attribute throws(Decline) in
      guard schema.map({ $0.attribute(attribute.name) != nil }) ?? true else {
        throw Decline(
          "\(step.opType) has no attribute '\(attribute.name)', which the node has", node: node)
      }
      return attribute
    }
  }
}
