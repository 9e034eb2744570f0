internal import SurgeonIR

/// Writes ONNX's textual syntax so that `TextParser`, and the onnx package's parser, read it again.
struct TextPrinter {
  private let model: Model
  private let options: OnnxText.PrintOptions
  private(set) var text = ""

  init(_ model: Model, options: OnnxText.PrintOptions) {
    self.model = model
    self.options = options
  }

  mutating func print() {
    printHeader()
    printGraph(
      model.mainGraph, name: TextWords.name(model[model.mainGraph].header.name), indentation: "")
    text += "\n"
    for function in model.functions { printFunction(function) }
  }

  private mutating func printHeader() {
    let header = model.header
    var fields: [String] = []
    if header.irVersion != 0 { fields.append("ir_version: \(header.irVersion)") }
    fields.append("opset_import: \(opsets(header.opsetImports))")
    func add(_ key: String, _ value: String) {
      if !value.isEmpty { fields.append("\(key): \(TextWords.quoted(value))") }
    }
    add("producer_name", header.producerName)
    add("producer_version", header.producerVersion)
    add("domain", header.domain)
    if header.modelVersion != 0 { fields.append("model_version: \(header.modelVersion)") }
    add("doc_string", header.docString)
    if !header.metadata.isEmpty {
      let pairs = header.metadata.map {
        "\(TextWords.quoted($0.key)): \(TextWords.quoted($0.value))"
      }
      fields.append("metadata_props: [\(pairs.joined(separator: ", "))]")
    }
    text += "<\n  " + fields.joined(separator: ",\n  ") + "\n>\n"
  }

  private func opsets(_ imports: [OpsetImport]) -> String {
    "["
      + imports.map { "\(TextWords.quoted($0.domain)) : \($0.version)" }.joined(separator: ", ")
      + "]"
  }

  private mutating func printFunction(_ function: Function) {
    var fields = ["domain: \(TextWords.quoted(function.domain))"]
    if !function.overload.isEmpty {
      fields.append("overload: \(TextWords.quoted(function.overload))")
    }
    fields.append("opset_import: \(opsets(function.opsetImports))")
    if !function.docString.isEmpty {
      fields.append("doc_string: \(TextWords.quoted(function.docString))")
    }
    text += "<\n  " + fields.joined(separator: ",\n  ") + "\n>\n"
    text += TextWords.name(function.name)
    var attributes = function.attributeNames.map(TextWords.name)
    attributes += function.attributeDefaults.map { attribute($0, indentation: "") }
    if !attributes.isEmpty { text += " <\(attributes.joined(separator: ", "))>" }
    let body = model[function.body]
    text += " (" + body.inputs.map(typed).joined(separator: ", ") + ")"
    text += " => (" + body.outputs.map(typed).joined(separator: ", ") + ")"
    printConstants(of: function.body, indentation: "")
    printNodes(of: function.body, indentation: "")
    text += "\n"
  }

  // MARK: Graphs

  private mutating func printGraph(_ graph: Graph.ID, name: String, indentation: String) {
    text += name
    text += " (" + model[graph].inputs.map(typed).joined(separator: ", ") + ")"
    text += " => (" + model[graph].outputs.map(typed).joined(separator: ", ") + ")"
    printConstants(of: graph, indentation: indentation)
    printNodes(of: graph, indentation: indentation)
  }

  private mutating func printConstants(of graph: Graph.ID, indentation: String) {
    var lines: [(text: String, comment: String?)] = []
    var comments: [String] = []
    for value in model[graph].initializers {
      if let tensor = model[value].initializer {
        let elements = constant(tensor)
        lines.append(
          (
            "\(TextWords.type(tensor)) \(TextWords.name(model[value].name)) = \(elements)",
            elements == "{}" || tensor.isExternal ? options.describe(tensor) : nil
          ))
      } else if let tensor = model[value].sparseInitializer {
        // The syntax has no sparse constants.
        comments.append(
          "sparse \(TextWords.type(tensor.values)) \(TextWords.name(model[value].name)) "
            + "within \(tensor.shape)")
      }
    }
    let inner = indentation + "  "
    for node in model.nodes(of: graph) {
      for case let output? in model[node].outputs
      where model[output].hasValueInfo && !model[output].isGraphOutput {
        lines.append((typed(output), nil))
      }
    }
    guard !lines.isEmpty || !comments.isEmpty else { return }
    text += "\n\(indentation)<\n"
    for (index, line) in lines.enumerated() {
      text += inner + line.text + (index < lines.count - 1 ? "," : "")
      if let comment = line.comment { text += "  # \(comment)" }
      text += "\n"
    }
    for comment in comments { text += "\(inner)# \(comment)\n" }
    text += "\(indentation)>"
  }

  private mutating func printNodes(of graph: Graph.ID, indentation: String) {
    text += "\n\(indentation){\n"
    for node in model.nodes(of: graph) {
      text += indentation + "  "
      printNode(node, indentation: indentation + "  ")
      text += "\n"
    }
    text += "\(indentation)}"
  }

  private mutating func printNode(_ id: Node.ID, indentation: String) {
    let node = model[id]
    if !node.name.isEmpty { text += "[\(TextWords.name(node.name))] " }
    text += "\(names(node.outputs)) = "
    if !node.domain.isEmpty { text += node.domain + "." }
    text += node.opType
    if !node.overload.isEmpty { text += ":\(node.overload)" }
    if !node.attributes.isEmpty {
      text += " <"
      for (index, attribute) in node.attributes.enumerated() {
        if index > 0 { text += ", " }
        text += self.attribute(attribute, indentation: indentation)
      }
      text += ">"
    }
    text += " (\(names(node.inputs)))"
  }

  /// Names with commas between them, a left-out one as an empty string: nothing at all would be
  /// no input where it is the only one, or the last.
  private func names(_ values: [Value.ID?]) -> String {
    values.map { $0.map { TextWords.name(model[$0].name) } ?? "\"\"" }.joined(separator: ", ")
  }

  private func typed(_ value: Value.ID) -> String {
    let name = TextWords.name(model[value].name)
    return TextWords.type(model[value].type).map { "\($0) \(name)" } ?? name
  }

  // MARK: Attributes

  private func attribute(_ attribute: Attribute, indentation: String) -> String {
    let name = attribute.name
    func list(_ elements: [String], _ type: AttributeKind) -> String {
      let typeWord = elements.isEmpty ? ": \(type.rawValue)" : ""
      return "\(name)\(typeWord) = [\(elements.joined(separator: ", "))]"
    }
    switch attribute.payload {
    case .float(let number): return "\(name) = \(TextWords.number(Double(number), "\(number)"))"
    case .int(let number): return "\(name) = \(number)"
    case .string(let bytes): return "\(name) = \(TextWords.quoted(bytes))"
    case .tensor(let tensor): return "\(name) = \(typedConstant(tensor))"
    case .graph(let graph): return "\(name) = \(body(graph, indentation))"
    case .floats(let numbers):
      return list(numbers.map { TextWords.number(Double($0), "\($0)") }, .floats)
    case .ints(let numbers): return list(numbers.map { "\($0)" }, .ints)
    case .strings(let strings): return list(strings.map(TextWords.quoted), .strings)
    case .tensors(let tensors):
      return list(tensors.map(typedConstant), .tensors)
    case .graphs(let graphs): return list(graphs.map { body($0, indentation) }, .graphs)
    case .type(let type): return "\(name): type_proto = \(TextWords.type(type) ?? "float[]")"
    case .types(let types): return list(types.map { TextWords.type($0) ?? "float[]" }, .types)
    case .reference(let referenced, let code):
      let type = AttributeKind(code: code).map { ": \($0.rawValue)" } ?? ""
      return "\(name)\(type) = @\(TextWords.name(referenced))"
    // The syntax has no sparse tensors; the string keeps the text readable.
    case .sparseTensor: return "\(name) = \"(sparse tensor)\""
    case .sparseTensors: return "\(name) = \"(sparse tensors)\""
    case .unknown(let code): return "\(name) = \"(a value of type \(code))\""
    }
  }

  private func body(_ graph: Graph.ID, _ indentation: String) -> String {
    var printer = TextPrinter(model, options: options)
    printer.printGraph(
      graph, name: TextWords.bodyName(model[graph].header.name), indentation: indentation)
    return printer.text
  }

  private func typedConstant(_ tensor: Tensor) -> String {
    // Without the sign the place of external data would be read as the shape's end.
    let isPlace = tensor.isExternal && !options.inlinesExternalData
    return "\(TextWords.type(tensor)) \(isPlace ? "= " : "")\(constant(tensor))"
  }

  /// The elements in braces; none where they are too many or cannot be read; the place of those in
  /// another file.
  private func constant(_ tensor: Tensor) -> String {
    if !options.inlinesExternalData,
      case .deferred(let elements as ExternalData) = tensor.storage
    {
      let pairs = elements.entries.map {
        "\(TextWords.quoted($0.key)): \(TextWords.quoted($0.value))"
      }
      return "[\(pairs.joined(separator: ", "))]"
    }
    guard tensor.count > 0, tensor.count <= options.largestConstant,
      let elements = try? TextElements(tensor).words
    else { return "{}" }
    return "{\(elements.joined(separator: ", "))}"
  }
}

extension Tensor {
  fileprivate var isExternal: Bool {
    if case .deferred(_ as ExternalData) = storage { true } else { false }
  }
}
