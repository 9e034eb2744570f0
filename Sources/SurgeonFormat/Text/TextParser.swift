internal import SurgeonIR

/// A recursive-descent parser of ONNX's textual syntax (docs/Syntax.md of the onnx repository), and
/// of what the onnx package's own parser accepts beyond it.
package struct TextParser {
  package var scanner: TextScanner
  /// Graphs and types around the one being read.
  private var depth = 0
  /// Whether nodes are those of a rule file: inputs may be numbers, other nodes or the rest of the
  /// inputs, and operators may have alternatives.
  let isRuleFile: Bool
  /// Nodes that are written where they are read, in the order of execution.
  var nestedNodes: [GraphText.NodeText] = []
  /// Where external data are found.
  let externalFiles: ExternalFiles

  /// - Parameter directory: that of the text's file, which locations of external data start from.
  package init(_ text: String, directory: String? = nil, isRuleFile: Bool = false) {
    self.isRuleFile = isRuleFile
    scanner = TextScanner(text)
    externalFiles = ExternalFiles(directory: directory)
  }

  /// Runs `body` one level deeper.
  ///
  /// - Throws: `syntax` beyond the depth that the reader of model files accepts.
  mutating func nested<Result>(
    _ body: (inout TextParser) throws(SurgeonError) -> Result
  ) throws(SurgeonError) -> Result {
    guard depth < WireCheck.deepestGraph else {
      throw scanner.error("more than \(WireCheck.deepestGraph) levels are nested here")
    }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  // MARK: The model

  mutating func model() throws(SurgeonError) -> (
    header: Model.Header, graph: GraphText, functions: [FunctionText]
  ) {
    var header = Model.Header(irVersion: 0, opsetImports: [])
    if scanner.accept("<") {
      repeat { try headerField(&header) } while scanner.accept(",")
      try scanner.expect(">")
    }
    let graph = try graph()
    var functions: [FunctionText] = []
    while scanner.peek() != nil { functions.append(try function()) }
    return (header, graph, functions)
  }

  private mutating func headerField(_ header: inout Model.Header) throws(SurgeonError) {
    scanner.skipSpace()
    let place = scanner.position
    let keyword = try scanner.expectIdentifier("a field of the model, such as 'ir_version',")
    try scanner.expect(":")
    switch keyword {
    case "ir_version": header.irVersion = Int(try scanner.int())
    case "opset_import": header.opsetImports += try opsets()
    case "producer_name": header.producerName = try scanner.string()
    case "producer_version": header.producerVersion = try scanner.string()
    case "domain": header.domain = try scanner.string()
    case "model_version": header.modelVersion = try scanner.int()
    case "doc_string": header.docString = try scanner.string()
    case "metadata_props":
      try scanner.expect("[")
      if !scanner.accept("]") {
        header.metadata += try pairs()
        try scanner.expect("]")
      }
    default:
      throw scanner.error(
        "'\(keyword)' is no field of a model", at: place,
        hint: "ir_version, opset_import, producer_name, producer_version, domain, model_version,"
          + " doc_string, metadata_props")
    }
  }

  private mutating func opsets() throws(SurgeonError) -> [OpsetImport] {
    var result: [OpsetImport] = []
    try scanner.expect("[")
    if scanner.accept("]") { return result }
    repeat {
      let domain = try scanner.string()
      try scanner.expect(":")
      result.append(OpsetImport(domain: domain, version: Int(try scanner.int())))
    } while scanner.accept(",")
    try scanner.expect("]")
    return result
  }

  mutating func pairs() throws(SurgeonError) -> [StringPair] {
    var result: [StringPair] = []
    repeat {
      let key = try scanner.string()
      try scanner.expect(":")
      result.append(StringPair(key, try scanner.string()))
    } while scanner.accept(",")
    return result
  }

  // MARK: Functions

  private mutating func function() throws(SurgeonError) -> FunctionText {
    var function = FunctionText()
    if scanner.accept("<") {
      repeat { try functionField(&function) } while scanner.accept(",")
      try scanner.expect(">")
    }
    function.name = try scanner.expectQuotableIdentifier("the name of a function")
    if scanner.accept("<") {
      repeat {
        let name = try scanner.expectQuotableIdentifier("an attribute")
        if scanner.isNext(":") || scanner.isNext("=") {
          function.attributeDefaults.append(try attribute(named: name))
        } else {
          function.attributeNames.append(name)
        }
      } while scanner.accept(",")
      try scanner.expect(">")
    }
    function.body.inputs = try functionValues()
    try scanner.expectArrow()
    function.body.outputs = try functionValues()
    if scanner.isNext("<") {
      function.body.valueInfos = try values(from: "<", to: ">")
    }
    function.body.nodes = try nodes()
    return function
  }

  private mutating func functionField(_ function: inout FunctionText) throws(SurgeonError) {
    scanner.skipSpace()
    let place = scanner.position
    let keyword = try scanner.expectIdentifier("a field of the function, such as 'domain',")
    try scanner.expect(":")
    switch keyword {
    case "opset_import": function.opsetImports += try opsets()
    case "doc_string": function.docString = try scanner.string()
    case "domain": function.domain = try scanner.string()
    case "overload": function.overload = try scanner.string()
    default:
      throw scanner.error(
        "'\(keyword)' is no field of a function", at: place,
        hint: "opset_import, doc_string, domain, overload")
    }
  }

  private mutating func functionValues() throws(SurgeonError) -> [GraphText.TypedName] {
    try values(from: "(", to: ")")
  }
}
