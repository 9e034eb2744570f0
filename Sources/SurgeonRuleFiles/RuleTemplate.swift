internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonShapes

/// The replacement of a rule file.
struct RuleTemplate: Sendable {
  /// A node of the replacement, free of places.
  struct Step: Sendable {
    var opType: String
    var domain: String
    var inputs: [Operand]
    var outputs: [String]
    /// The last part of the names of the node and its first result.
    var name: String?
    var attributes: [(name: String, payload: Attribute.Payload)]
    /// The node of the pattern whose other attributes this one takes over.
    var otherAttributes: String?
  }

  enum Operand: Sendable {
    case name(String)
    case rest(String)
    case number(LiteralNumber)
  }

  let steps: [Step]
  /// The values that are replaced.
  let outputs: [String]
  /// Where captured attributes come from, and by the name of `<others...>` those that are none of
  /// the others.
  let sources: [String: AttributeSource]
  let named: [String: Set<String>]
  let evaluator: any ConstantEvaluator

  init(
    nodes: [GraphText.NodeText], schemas: SchemaCheck, outputs: [String],
    sources: [String: AttributeSource], named: [String: Set<String>],
    evaluator: any ConstantEvaluator
  ) {
    self.outputs = outputs
    self.sources = sources
    self.named = named
    self.evaluator = evaluator
    steps = nodes.map { node in
      Step(
        opType: node.opType, domain: node.domain,
        inputs: node.inputs.enumerated().map { index, input in
          let type = { schemas.typeOfNumber(index, in: node) }
          return switch input.operand {
          case .number(let number): .number(LiteralNumber([number], shape: [], type()))
          case .numbers(let numbers):
            .number(LiteralNumber(numbers, shape: [numbers.count], type()))
          case .rest: .rest(input.text)
          case .nested, nil: .name(input.text)
          }
        },
        outputs: node.outputs.map(\.text),
        // The operator names what is replaced, the author of the rule what leads there.
        name: node.outputs.first.flatMap {
          $0.isNested || outputs.contains($0.text) ? nil : $0.text
        },
        attributes: node.attributes.compactMap {
          if case .plain(let payload) = $0.payload { ($0.name, payload) } else { nil }
        },
        otherAttributes: node.otherAttributes?.text)
    }
  }

  /// Where a name's value is to be had while the patch is recorded.
  private enum Source {
    case value(Value.ID)
    case absent
    /// A constant that is computed, and not yet in the patch.
    case computed(Tensor)
  }

  func record(
    _ match: Match, _ context: RewriteContext, _ patch: inout Patch
  ) throws {
    for step in steps where !step.domain.isEmpty { try Self.check(step, context) }
    let computed = try constants(match, context)
    var sources: [String: Source] = computed.mapValues { .computed($0) }
    func source(_ name: String) -> Source {
      if name.isEmpty { return .absent }
      if let source = sources[name] { return source }
      return Value.ID.read(match.binding(name)).map { .value($0) } ?? .absent
    }
    func value(_ name: String) -> Value.ID? {
      switch source(name) {
      case .value(let value): return value
      case .absent: return nil
      case .computed(let tensor):
        let step = steps.first { $0.outputs.first == name }
        let value = patch.constant(
          tensor, name: step.map { $0.name ?? $0.opType.lowercased() } ?? name)
        sources[name] = .value(value)
        return value
      }
    }
    for step in steps where !step.outputs.allSatisfy({ computed[$0] != nil || $0.isEmpty }) {
      var inputs: [Value.ID?] = []
      for operand in step.inputs {
        switch operand {
        case .name(let name): inputs.append(value(name))
        case .rest(let name): inputs += ([Value.ID].read(match.binding(name)) ?? []).map { $0 }
        case .number(let number):
          let type =
            number.type { name in
              switch source(name) {
              case .value(let value): context.elementType(value)
              case .computed(let tensor): tensor.elementType
              case .absent: nil
              }
            } ?? Value.ID.read(match.binding(outputs[0])).flatMap(context.elementType)
          inputs.append(patch.constant(try number.tensor(type), name: "number"))
        }
      }
      if step.opType == "Identity", step.domain.isEmpty, let input = inputs.first ?? nil {
        sources[step.outputs[0]] = .value(input)
        continue
      }
      let types = step.outputs.map { name in
        outputs.contains(name) ? Value.ID.read(match.binding(name)).flatMap(context.type) : nil
      }
      let results = patch.ops(
        step.opType, domain: step.domain, inputs,
        try attributes(of: step, match, context, computed), name: step.name, outputTypes: types)
      for (name, result) in zip(step.outputs, results) { sources[name] = .value(result) }
    }
    let replacements = outputs.map { ($0, value($0)) }
    for root in match.roots { patch.remove(root) }
    for case (let name, let new?) in replacements {
      if let old = Value.ID.read(match.binding(name)) { patch.replace(old, with: new) }
    }
  }

  /// The operators of other domains are there where the model imports them, and functions where it
  /// defines them.
  private static func check(_ step: Step, _ context: RewriteContext) throws(Decline) {
    guard context.opset(step.domain) != nil else {
      throw Decline(
        "the model does not import '\(step.domain)', which the replacement needs",
        remedy: "add the operator set to the model")
    }
    let functions = context.model.functions.filter { Model.canonical($0.domain) == step.domain }
    guard functions.isEmpty || functions.contains(where: { $0.name == step.opType }) else {
      throw Decline("the model has no function '\(step.opType)' in its domain '\(step.domain)'")
    }
  }

  // MARK: Constants

  /// What can be computed now: the results of steps whose inputs are all constants.
  private func constants(
    _ match: Match, _ context: RewriteContext
  ) throws -> [String: Tensor] {
    var small = Model(
      header: Model.Header(
        irVersion: max(context.model.header.irVersion, 4),
        opsetImports: [OpsetImport(domain: "", version: context.opset() ?? 13)]))
    let graph = small.mainGraph
    var values: [String: Value.ID] = [:]
    func value(_ name: String) -> Value.ID? {
      if let value = values[name] { return value }
      guard case .constant(_, let tensor)? = match.binding(name) else { return nil }
      let value = small.addValue(named: name, in: graph)
      small.setInitializer(tensor, of: value)
      values[name] = value
      return value
    }
    var names: [String] = []
    for step in steps where step.domain.isEmpty && step.opType != "Identity" {
      // An attribute that is computed here is known only afterwards.
      let isLate = step.attributes.contains {
        if case .reference(let name, _) = $0.payload { names.contains(name) } else { false }
      }
      if isLate { continue }
      var inputs: [Value.ID?] = []
      var isConstant = true
      for operand in step.inputs {
        switch operand {
        case .name(let name):
          let input = name.isEmpty ? nil : value(name)
          if input == nil, !name.isEmpty, !isAbsent(name, match) { isConstant = false }
          inputs.append(input)
        case .rest: isConstant = false
        case .number(let number):
          let types = try ShapeInference.infer(small)
          guard let type = number.type({ values[$0].flatMap { types[$0]?.elementType } }) else {
            isConstant = false
            continue
          }
          let input = small.addValue(named: "number \(small.valueTableCount)", in: graph)
          small.setInitializer(try number.tensor(type), of: input)
          inputs.append(input)
        }
      }
      guard isConstant else { continue }
      let outputs = step.outputs.map { name -> Value.ID? in
        name.isEmpty ? nil : small.addValue(named: name, in: graph)
      }
      small.addNode(
        step.opType, inputs: inputs, outputs: outputs,
        attributes: try attributes(of: step, match, context, [:]), in: graph)
      for (name, output) in zip(step.outputs, outputs) {
        guard let output else { continue }
        values[name] = output
        small.addOutput(output, to: graph)
        names.append(name)
      }
    }
    guard !names.isEmpty else { return [:] }
    return Dictionary(
      zip(names, try evaluator.evaluate(small)), uniquingKeysWith: { first, _ in first })
  }

  private func isAbsent(_ name: String, _ match: Match) -> Bool {
    if case .absent? = match.binding(name) { true } else { false }
  }
}
