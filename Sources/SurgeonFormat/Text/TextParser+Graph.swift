package import SurgeonIR

extension TextParser {
  mutating func graph() throws(SurgeonError) -> GraphText {
    try nested { (parser) throws(SurgeonError) in
      var graph = GraphText()
      graph.name = try parser.scanner.expectQuotableIdentifier("the name of a graph")
      if parser.scanner.isNext("(") {
        try parser.valuesOrInitializers(from: "(", to: ")") { value, tensor in
          graph.inputs.append(value)
          if let tensor { graph.initializers.append(.init(name: value.name, tensor: tensor)) }
        }
      }
      try parser.scanner.expectArrow()
      graph.outputs = try parser.values(from: "(", to: ")")
      if parser.scanner.isNext("<") {
        try parser.valuesOrInitializers(from: "<", to: ">") { value, tensor in
          if let tensor {
            graph.initializers.append(.init(name: value.name, tensor: tensor))
          } else {
            graph.valueInfos.append(value)
          }
        }
      }
      graph.nodes = try parser.nodes()
      return graph
    }
  }

  /// `type? name`
  private mutating func value() throws(SurgeonError) -> GraphText.TypedName {
    let type = isTypeNext() ? try type() : nil
    scanner.skipSpace()
    let place = scanner.position
    let name = try scanner.expectQuotableIdentifier("the name of a value")
    return GraphText.TypedName(name: .init(text: name, place: place), type: type)
  }

  mutating func values(
    from open: Unicode.Scalar, to close: Unicode.Scalar
  ) throws(SurgeonError) -> [GraphText.TypedName] {
    var result: [GraphText.TypedName] = []
    try scanner.expect(open)
    if scanner.accept(close) { return result }
    repeat { result.append(try value()) } while scanner.accept(",")
    try scanner.expect(close)
    return result
  }

  private mutating func valuesOrInitializers(
    from open: Unicode.Scalar, to close: Unicode.Scalar,
    _ body: (GraphText.TypedName, Tensor?) -> Void
  ) throws(SurgeonError) {
    try scanner.expect(open)
    if scanner.accept(close) { return }
    repeat {
      let value = try value()
      body(value, scanner.accept("=") ? try tensor(of: value.type, at: value.name.place) : nil)
    } while scanner.accept(",")
    try scanner.expect(close)
  }

  // MARK: Nodes

  package mutating func nodes() throws(SurgeonError) -> [GraphText.NodeText] {
    var nodes: [GraphText.NodeText] = []
    let outer = nestedNodes
    nestedNodes = []
    defer { nestedNodes = outer }
    try scanner.expect("{")
    while !scanner.accept("}") {
      let node = try node()
      nodes += nestedNodes + [node]
      nestedNodes = []
    }
    return nodes
  }

  private mutating func node() throws(SurgeonError) -> GraphText.NodeText {
    scanner.skipSpace()
    var node = GraphText.NodeText(place: scanner.position)
    if scanner.accept("[") {
      node.name = try scanner.quotableIdentifier() ?? ""
      try scanner.expect("]")
    }
    node.outputs = try names()
    try scanner.expect("=")
    try call(&node)
    return node
  }

  /// Operator, attributes and inputs.
  private mutating func call(_ node: inout GraphText.NodeText) throws(SurgeonError) {
    scanner.skipSpace()
    node.opPlace = scanner.position
    var word = try scanner.expectIdentifier("an operator")
    while scanner.accept(".") {
      node.domain += node.domain.isEmpty ? word : ".\(word)"
      scanner.skipSpace()
      node.opPlace = scanner.position
      word = try scanner.expectIdentifier("an operator")
    }
    node.opType = word
    while isRuleFile, scanner.accept("|") {
      scanner.skipSpace()
      let place = scanner.position
      node.alternatives.append(
        .init(text: try scanner.expectIdentifier("an operator"), place: place))
    }
    if scanner.accept(":") { node.overload = try scanner.expectIdentifier("an overload") }
    try attributes(of: &node)
    try scanner.expect("(")
    node.inputs = isRuleFile ? try operands() : try names()
    try scanner.expect(")")
    // Attributes may stand before or after the inputs.
    if node.attributes.isEmpty, node.otherAttributes == nil { try attributes(of: &node) }
  }

  private mutating func attributes(of node: inout GraphText.NodeText) throws(SurgeonError) {
    var others: GraphText.Name?
    node.attributes = try attributes(others: &others)
    node.otherAttributes = others
  }

  /// Names with commas between them. One that is left out is an empty name, but not after the last
  /// comma: `(,x)` are two, `(x,)` is one.
  private mutating func names() throws(SurgeonError) -> [GraphText.Name] {
    var result: [GraphText.Name] = []
    repeat {
      scanner.skipSpace()
      let place = scanner.position
      if let name = try scanner.quotableIdentifier() {
        result.append(.init(text: name, place: place))
      } else if scanner.isNext(",") {
        result.append(.init(text: "", place: place))
      } else {
        break
      }
    } while scanner.accept(",")
    return result
  }

  /// Inputs of a rule file: names, numbers, lists of numbers, and at the end `name...`.
  private mutating func operands() throws(SurgeonError) -> [GraphText.Name] {
    var result: [GraphText.Name] = []
    repeat {
      scanner.skipSpace()
      let place = scanner.position
      if isCallNext() {
        result.append(try nestedCall(at: place))
      } else if let name = try scanner.quotableIdentifier() {
        var operand = GraphText.Name(text: name, place: place)
        if try acceptEllipsis() { operand.operand = .rest }
        result.append(operand)
      } else if scanner.isNext(",") {
        result.append(.init(text: "", place: place))
      } else if scanner.isNext(")") {
        break
      } else {
        // The text of a number is never a name, so it can stand where names stand.
        var operand = GraphText.Name(text: "number at \(place)", place: place)
        operand.operand =
          scanner.isNext("[") ? .numbers(try numbers()) : .number(try scanner.double())
        result.append(operand)
      }
    } while scanner.accept(",")
    return result
  }

  /// `...`
  mutating func acceptEllipsis() throws(SurgeonError) -> Bool {
    guard scanner.accept(".") else { return false }
    try scanner.expect(".")
    try scanner.expect(".")
    return true
  }

  /// True before the name of an operator, which its inputs, attributes or domain give away.
  private mutating func isCallNext() -> Bool {
    let place = scanner.position
    defer { scanner.rewind(to: place) }
    guard !scanner.identifier().isEmpty else { return false }
    if scanner.isNext("(") || scanner.isNext("<") || scanner.isNext("|") { return true }
    return scanner.accept(".") && !scanner.isNext(".")
  }

  /// A node that is written where it is read. It comes before the one that reads it.
  private mutating func nestedCall(at place: Int) throws(SurgeonError) -> GraphText.Name {
    var node = GraphText.NodeText(place: place)
    try nested { (parser) throws(SurgeonError) in try parser.call(&node) }
    // A place is never a name, so it can stand where names stand.
    var name = GraphText.Name(text: "\(node.opType) at \(place)", place: place)
    name.operand = .nested
    node.outputs = [name]
    nestedNodes.append(node)
    name.operand = nil
    return name
  }

  private mutating func numbers() throws(SurgeonError) -> [Double] {
    var result: [Double] = []
    try scanner.expect("[")
    if scanner.accept("]") { return result }
    repeat { result.append(try scanner.double()) } while scanner.accept(",")
    try scanner.expect("]")
    return result
  }
}
