internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite

/// One pattern of a rule (a rule has several where `or` stands in it), and what it knows.
struct RuleVariant {
  let compiler: RuleCompiler
  /// Where each computed name comes from.
  let producers: [String: (node: Int, output: Int)]
  /// Nodes whose results no other node of the pattern reads, the last of the text first.
  let roots: [Int]
  let schemas: SchemaCheck
  /// Names of values: what the nodes compute and what they read.
  let known: Set<String>
  /// Attributes that are captured, by the name with `@`.
  private(set) var attributes: [String: AttributeSource] = [:]
  /// Names of `<others...>`.
  private(set) var otherAttributes: Set<String> = []

  var rule: RuleText { compiler.rule }
  /// What the rule replaces.
  var outputs: [GraphText.Name] {
    roots.flatMap { rule.match[$0].outputs.filter { !$0.text.isEmpty } }
  }

  /// - Throws: `syntax` where names or operators do not fit together.
  init(_ compiler: RuleCompiler) throws(SurgeonError) {
    self.compiler = compiler
    let nodes = compiler.rule.match
    let producers = try Self.producers(of: nodes, compiler.scanner)
    self.producers = producers
    var read: Set<Int> = []
    for input in nodes.flatMap(\.inputs) {
      if let producer = producers[input.text] { read.insert(producer.node) }
    }
    roots = nodes.indices.filter { !read.contains($0) }.reversed()
    known = Set(producers.keys).union(
      nodes.flatMap(\.inputs).filter { !$0.isNumber }.map(\.text)
    ).subtracting([""])
    schemas = SchemaCheck(compiler.rule)
    for node in nodes {
      for attribute in node.attributes {
        guard case .plain(.reference(let name, _)) = attribute.payload else { continue }
        let source = AttributeSource(node, attribute.name)
        attributes["@\(name)"] =
          attributes["@\(name)"].map { $0 == source ? $0 : .various } ?? source
      }
      if let others = node.otherAttributes {
        guard otherAttributes.insert(others.text).inserted else {
          throw compiler.scanner.error(
            "'\(others.text)...' stands for the attributes of one node", at: others.place)
        }
      }
    }
    try checkRest()
    if let problem = schemas.problem() {
      throw compiler.scanner.error(problem.message, at: problem.place, hint: problem.hint)
    }
  }

  static func producers(
    of nodes: [GraphText.NodeText], _ scanner: TextScanner
  ) throws(SurgeonError) -> [String: (node: Int, output: Int)] {
    var producers: [String: (node: Int, output: Int)] = [:]
    for (index, node) in nodes.enumerated() {
      for (slot, output) in node.outputs.enumerated() where !output.text.isEmpty {
        guard producers[output.text] == nil else {
          throw scanner.error("'\(output.text)' is computed twice", at: output.place)
        }
        producers[output.text] = (index, slot)
      }
    }
    return producers
  }

  private func checkRest() throws(SurgeonError) {
    let scanner = compiler.scanner
    let names = Set(rule.match.flatMap(\.inputs).filter(\.isRest).map(\.text))
    for node in rule.match + rule.replacement {
      for (index, input) in node.inputs.enumerated() where names.contains(input.text) {
        guard input.isRest else {
          throw scanner.error(
            "'\(input.text)' stands for any number of values", at: input.place,
            hint: "write \(input.text)...")
        }
        guard producers[input.text] == nil else {
          throw scanner.error("'\(input.text)' is computed by the pattern", at: input.place)
        }
        guard index == node.inputs.count - 1 else {
          throw scanner.error("only the last input can stand for all that follow", at: input.place)
        }
      }
    }
    for input in rule.replacement.flatMap(\.inputs)
    where input.isRest && !names.contains(input.text) {
      throw scanner.error(
        "'\(input.text)' does not stand for several values of the pattern", at: input.place)
    }
    for condition in rule.conditions {
      for name in condition.names where names.contains(name.text) {
        throw scanner.error("'\(name.text)' stands for any number of values", at: name.place)
      }
    }
  }
}

/// The attribute that a pattern captures: of which operator, and its name there.
struct AttributeSource: Hashable, Sendable {
  let domain: String
  /// Empty where it is captured at several places that are not alike.
  let opTypes: [String]
  let name: String

  init(_ node: GraphText.NodeText, _ name: String) {
    domain = Model.canonical(node.domain)
    opTypes = [node.opType] + node.alternatives.map(\.text)
    self.name = name
  }

  private init() { (domain, opTypes, name) = ("", [], "") }

  static var various: AttributeSource { AttributeSource() }

  /// What the operators take the attribute for where it is left out, if they agree.
  var defaults: AttributeDefaults {
    var result: [[AttributeDefaults.Version]] = []
    var payloads: [[String]] = []
    for opType in opTypes {
      let versions = OperatorSchemas.versions(of: opType, domain: domain)
      let values = versions.map { $0.attribute(name)?.defaultValue }
      result.append(
        zip(versions, values).map {
          .init(since: $0.since, value: $1.flatMap(Binding.init(literal:)))
        })
      payloads.append(zip(versions, values).map { "\($0.since) \(String(describing: $1))" })
    }
    guard let first = result.first, payloads.allSatisfy({ $0 == payloads[0] }) else {
      return AttributeDefaults([])
    }
    return AttributeDefaults(first)
  }
}

extension Binding {
  /// A number, a string or a list of numbers as a pattern compares it; nil for anything else.
  init?(literal payload: Attribute.Payload) {
    switch payload {
    case .float(let number): self = .float(number)
    case .int(let number): self = .int(Int(number))
    case .string(let bytes): self = .string(String(decoding: bytes, as: UTF8.self))
    case .floats(let numbers): self = .floats(numbers)
    case .ints(let numbers): self = .ints(numbers.map { Int($0) })
    default: return nil
    }
  }

  /// The payload of an attribute; nil for what is none.
  var attributePayload: Attribute.Payload? {
    switch self {
    case .payload(let payload): payload
    case .float(let number): .float(number)
    case .int(let number): .int(Int64(number))
    case .string(let text): .string(Array(text.utf8))
    case .floats(let numbers): .floats(numbers)
    case .ints(let numbers): .ints(numbers.map { Int64($0) })
    case .absent, .value, .constant, .values, .node: nil
    }
  }
}
