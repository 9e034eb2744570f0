internal import SurgeonFormat
internal import SurgeonIR

/// One pass over the nodes of a rule, as one operator set has them.
struct SchemaPass {
  let opset: Int
  let range: ClosedRange<Int>
  let versions: [String: [String: [OperatorSchema]]]
  private var types: [String: ElementTypes]

  init(
    opset: Int, of range: ClosedRange<Int>, versions: [String: [String: [OperatorSchema]]],
    types: [String: ElementTypes]
  ) {
    self.opset = opset
    self.range = range
    self.versions = versions
    self.types = types
  }

  mutating func problem(
    in nodes: [GraphText.NodeText], isPattern: Bool
  ) -> SchemaCheck.Problem? {
    for node in nodes {
      let domain = Model.canonical(node.domain)
      guard versions[domain] != nil else { continue }
      let names = [GraphText.Name(text: node.opType, place: node.opPlace)] + node.alternatives
      for (index, name) in names.enumerated() {
        let found = schema(name, domain)
        guard case .success(let schema) = found else {
          if case .failure(let problem) = found { return problem.problem }
          continue
        }
        if let problem = arity(node, name.text, schema, isPattern)
          ?? attributes(node, name.text, schema, isPattern)
        {
          return problem
        }
        if index == 0, let problem = elementTypes(node, name.text, schema) { return problem }
      }
    }
    return nil
  }

  private struct Missing: Error { var problem: SchemaCheck.Problem }

  private func schema(
    _ name: GraphText.Name, _ domain: String
  ) -> Result<OperatorSchema, Missing> {
    func missing(_ message: String, _ hint: String?) -> Result<OperatorSchema, Missing> {
      .failure(Missing(problem: .init(message: message, place: name.place, hint: hint)))
    }
    let versions = versions[domain]?[name.text] ?? []
    guard let first = versions.first else {
      let owner = domain.isEmpty ? "the standard" : "'\(domain)'"
      return missing(
        "\(owner) has no operator '\(name.text)'",
        OperatorSchemas.likeliest(name.text, domain: domain).map { "do you mean '\($0)'?" }
          ?? "an operator of another domain is written with it: com.example.\(name.text)")
    }
    guard domain.isEmpty else { return .success(versions[versions.count - 1]) }
    guard let schema = versions.last(where: { $0.since <= opset }) else {
      return missing(
        "'\(name.text)' came with operator set \(first.since), the rule is for"
          + " \(range.lowerBound) to \(range.upperBound)", "opset \(first.since) up")
    }
    guard !schema.isDeprecated else {
      return missing(
        "'\(name.text)' went with operator set \(schema.since), the rule is for"
          + " \(range.lowerBound) to \(range.upperBound)", "opset 1 to \(schema.since - 1)")
    }
    return .success(schema)
  }

  private func arity(
    _ node: GraphText.NodeText, _ name: String, _ schema: OperatorSchema, _ isPattern: Bool
  ) -> SchemaCheck.Problem? {
    let takesRest = node.inputs.contains {
      if case .rest? = $0.operand { true } else { false }
    }
    let count = node.inputs.count
    if count > schema.inputCounts.upperBound,
      !takesRest || count > schema.inputCounts.upperBound + 1
    {
      return .init(
        message: "\(name) has \(Self.text(schema.inputCounts, "input")), not \(count)",
        place: node.inputs[schema.inputCounts.upperBound].place, hint: nil)
    }
    if count < schema.inputCounts.lowerBound, !takesRest {
      return .init(
        message: "\(name) has \(Self.text(schema.inputCounts, "input")), not \(count)",
        place: node.opPlace, hint: nil)
    }
    let outputs = node.outputs.count
    if outputs > schema.outputCounts.upperBound {
      return .init(
        message: "\(name) has \(Self.text(schema.outputCounts, "output")), not \(outputs)",
        place: node.outputs[schema.outputCounts.upperBound].place, hint: nil)
    }
    return nil
  }

  private func attributes(
    _ node: GraphText.NodeText, _ name: String, _ schema: OperatorSchema, _ isPattern: Bool
  ) -> SchemaCheck.Problem? {
    for attribute in node.attributes {
      guard let known = schema.attribute(attribute.name) else {
        let names = schema.attributes.map { String($0.name) }
        let hint =
          OperatorSchemas.nearest(attribute.name, among: names).map { "do you mean '\($0)'?" }
          ?? (names.isEmpty ? "it has none" : "it has \(names.joined(separator: ", "))")
        return .init(
          message: "\(name) has no attribute '\(attribute.name)' in operator set \(opset)",
          place: attribute.place, hint: hint)
      }
      guard let letter = attribute.payload.letter, letter != known.type else { continue }
      return .init(
        message: "attribute '\(attribute.name)' of \(name) is \(Self.words[known.type] ?? "other")",
        place: attribute.place,
        hint: known.type == "f" && letter == "i" ? "a float has a point: 1.0" : nil)
    }
    guard !isPattern else { return nil }
    for attribute in schema.attributes where attribute.isRequired {
      guard !node.attributes.contains(where: { $0.name == attribute.name }) else { continue }
      return .init(
        message: "\(name) needs the attribute '\(attribute.name)'", place: node.opPlace, hint: nil)
    }
    return nil
  }

  private mutating func elementTypes(
    _ node: GraphText.NodeText, _ name: String, _ schema: OperatorSchema
  ) -> SchemaCheck.Problem? {
    var variables: [Substring: ElementTypes] = [:]
    for (index, input) in node.inputs.enumerated() where input.operand == nil {
      guard let parameter = OperatorSchema.parameter(index, of: schema.inputs),
        let allowed = parameter.types, !input.text.isEmpty
      else { continue }
      let known = types[input.text] ?? .all
      let wanted = allowed.intersection(variables[parameter.variable] ?? .all)
      let both = known.intersection(wanted)
      if both.isEmpty {
        return .init(
          message: "\(name) takes \(wanted.text) here, and '\(input.text)' is \(known.text)",
          place: input.place, hint: nil)
      }
      types[input.text] = both
      if !parameter.variable.isEmpty { variables[parameter.variable] = both }
    }
    for (index, output) in node.outputs.enumerated() where !output.text.isEmpty {
      guard let parameter = OperatorSchema.parameter(index, of: schema.outputs),
        let allowed = parameter.types
      else { continue }
      let known = types[output.text] ?? .all
      let made = (node.resultType.map { ElementTypes($0) } ?? allowed)
        .intersection(variables[parameter.variable] ?? .all)
      let both = known.intersection(made)
      if both.isEmpty, !known.isEmpty, !made.isEmpty {
        return .init(
          message: "\(name) makes '\(output.text)' \(made.text), and it is \(known.text)",
          place: output.place, hint: nil)
      }
      types[output.text] = both
    }
    return nil
  }

  /// `1 input`, `2 to 3 inputs`, `1 input or more`.
  private static func text(_ range: ClosedRange<Int>, _ noun: String) -> String {
    let (low, high) = (range.lowerBound, range.upperBound)
    if high == .max { return "\(low) \(low == 1 ? noun : noun + "s") or more" }
    return low == high
      ? "\(low) \(low == 1 ? noun : noun + "s")" : "\(low) to \(high) \(noun)s"
  }

  private static let words: [Character: String] = [
    "f": "a float", "i": "an integer", "s": "a string", "t": "a tensor", "g": "a graph",
    "z": "a sparse tensor", "p": "a type", "F": "a list of floats", "I": "a list of integers",
    "S": "a list of strings", "T": "a list of tensors", "G": "a list of graphs",
  ]
}

extension GraphText.AttributeText.Payload {
  /// The letter of the operator table for the type; nil for a reference, whose type is not known.
  fileprivate var letter: Character? {
    switch self {
    case .graph: "g"
    case .graphs: "G"
    case .plain(let payload):
      switch payload {
      case .float: "f"
      case .int: "i"
      case .string: "s"
      case .tensor: "t"
      case .sparseTensor: "z"
      case .graph: "g"
      case .type: "p"
      case .floats: "F"
      case .ints: "I"
      case .strings: "S"
      case .tensors: "T"
      case .sparseTensors: "Z"
      case .graphs: "G"
      case .types: "P"
      case .reference, .unknown: nil
      }
    }
  }
}

extension GraphText.NodeText {
  /// The element type that an attribute gives the result of a Constant or a Cast.
  fileprivate var resultType: ElementType? {
    for attribute in attributes {
      guard case .plain(let payload) = attribute.payload else { continue }
      switch (opType, attribute.name, payload) {
      case ("Constant", "value", .tensor(let tensor)): return tensor.elementType
      case ("Constant", "value_float", _), ("Constant", "value_floats", _): return .float32
      case ("Constant", "value_int", _), ("Constant", "value_ints", _): return .int64
      case ("Cast", "to", .int(let code)):
        return Int(exactly: code).flatMap { number in
          ElementType.allCases.first { Int($0.rawValue) == number }
        }
      default: continue
      }
    }
    return nil
  }
}
