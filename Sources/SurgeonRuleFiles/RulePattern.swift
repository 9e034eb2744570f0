internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite

/// The pattern of a rule file: nodes become nested calls, from the roots backwards.
struct RulePattern {
  private let variant: RuleVariant
  private var compiler: RuleCompiler { variant.compiler }
  private var producers: [String: (node: Int, output: Int)] { variant.producers }
  private var rule: RuleText { variant.rule }

  init(_ variant: RuleVariant) { self.variant = variant }

  /// A pattern for each root.
  ///
  /// - Throws: `syntax` where the nodes do not hang together.
  func patterns() throws(SurgeonError) -> [Pattern] {
    for (index, node) in rule.match.enumerated() {
      for input in node.inputs {
        guard let producer = producers[input.text], producer.node >= index else { continue }
        throw compiler.scanner.error(
          "'\(input.text)' is read before it is computed", at: input.place)
      }
    }
    var patterns: [Pattern] = []
    var covered: Set<String> = []
    for root in variant.roots {
      let names = names(under: root)
      if !patterns.isEmpty, covered.isDisjoint(with: names) {
        throw compiler.scanner.error(
          "this has no value in common with the rest of the pattern", at: rule.match[root].place)
      }
      covered.formUnion(names)
      let node = rule.match[root]
      let captures = node.outputs.map { output -> any OutputCapture in
        output.text.isEmpty
          ? Capture<Value.ID?>("unnamed output", at: compiler.location(output.place))
          : Capture<Value.ID>(output.text, at: compiler.location(output.place))
      }
      var pattern = try call(node)
      if captures.count == 1 {
        pattern = pattern.as(Capture<Value.ID>(node.outputs[0].text))
      } else {
        pattern = pattern.outputs(captures)
      }
      patterns.append(constrained(pattern, node.outputs.first?.text ?? ""))
    }
    return patterns
  }

  private func names(under node: Int) -> Set<String> {
    var result: Set<String> = []
    for input in rule.match[node].inputs where !input.text.isEmpty && !input.isNumber {
      result.insert(input.text)
      if let producer = producers[input.text] { result.formUnion(names(under: producer.node)) }
    }
    return result
  }

  private func call(_ node: GraphText.NodeText) throws(SurgeonError) -> Pattern {
    var inputs: [Pattern] = []
    for input in node.inputs { inputs.append(try pattern(of: input)) }
    let opTypes = [node.opType] + node.alternatives.map(\.text)
    var pattern = Op.domain(Model.canonical(node.domain)).oneOf(opTypes)(
      inputs: inputs, at: compiler.location(node.place))
    for attribute in node.attributes {
      guard case .plain(let payload) = attribute.payload else {
        throw compiler.scanner.error(
          "a pattern looks into no bodies", at: attribute.place,
          hint: "to take it over as it is: \(attribute.name) = @body")
      }
      let location = compiler.location(node.place)
      if case .reference(let name, _) = payload {
        pattern = pattern.attribute(attribute.name, anyPayload: "@\(name)", at: location)
      } else if let binding = Binding(literal: payload) {
        pattern = pattern.attribute(
          attribute.name, equals: binding,
          defaults: AttributeSource(node, attribute.name).defaults, at: location)
      } else {
        throw compiler.scanner.error(
          "a pattern cannot compare the attribute '\(attribute.name)'", at: attribute.place)
      }
    }
    if let others = node.otherAttributes {
      pattern = pattern.as(Capture<Node.ID>("\(others.text)..."))
    }
    return pattern
  }

  private func pattern(of input: GraphText.Name) throws(SurgeonError) -> Pattern {
    guard !input.text.isEmpty else { return Op.absent }
    switch input.operand {
    case .number(let number): return Op.number(number).at(compiler.location(input.place))
    case .numbers(let numbers):
      let location = compiler.location(input.place)
      return Op.anything.at(location).demanding(.elements(numbers), at: location)
    case .rest:
      return Capture<[Value.ID]>(input.text, at: compiler.location(input.place)).pattern
    case .nested, nil: break
    }
    if let producer = producers[input.text] {
      let pattern = try call(rule.match[producer.node]).output(producer.output)
        .as(Capture<Value.ID>(input.text))
      return constrained(pattern, input.text)
    }
    let location = compiler.location(input.place)
    let pattern: Pattern
    switch (compiler.isConstant(input.text), compiler.isOptional(input.text)) {
    case (true, true): pattern = Capture<Tensor?>(input.text, at: location).pattern
    case (true, false): pattern = Capture<Tensor>(input.text, at: location).pattern
    case (false, true): pattern = Capture<Value.ID?>(input.text, at: location).pattern
    case (false, false): pattern = Capture<Value.ID>(input.text, at: location).pattern
    }
    return constrained(pattern, input.text)
  }

  /// Adds what the conditions ask of a value.
  private func constrained(_ pattern: Pattern, _ name: String) -> Pattern {
    var pattern = pattern
    for condition in rule.conditions where condition.names.contains(where: { $0.text == name }) {
      let location = compiler.location(condition.place)
      switch condition.kind {
      case .notConstant: pattern = pattern.demanding(.notConstant, at: location)
      case .shape(let sizes): pattern = pattern.demanding(.shape(sizes), at: location)
      case .usedOnce: pattern = pattern.demanding(.usedOnce, at: location)
      case .usedOnlyInside: pattern = pattern.demanding(.usedOnlyInside, at: location)
      case .rank(let ranks): pattern = pattern.demanding(.rank(ranks), at: location)
      case .elementType(let names):
        pattern = pattern.demanding(
          .elementType(names.compactMap { ElementType(name: $0) }), at: location)
      case .equals(let number, let tolerance):
        pattern = pattern.demanding(.equals(number, tolerance: tolerance), at: location)
      case .constant, .optional, .attributeEquals, .inverse, .perChannel, .sameShape, .sameType,
        .opset:
        break
      }
    }
    return pattern
  }
}
