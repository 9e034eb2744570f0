internal import SurgeonDiff
internal import SurgeonIR

/// A model in Graphviz's language, with an id and a class for each node; bodies and functions are
/// boxes around theirs.
struct GraphPicture {
  let model: Model
  /// Starts every id, so that two pictures can stand on one page.
  let prefix: String
  /// A word for each node that becomes its class.
  let status: (Node.ID) -> String

  func id(_ node: Node.ID) -> String { "\(prefix)\(node.raw)" }

  var dot: String {
    // Straight edges keep the layout of thousands of nodes within seconds.
    let splines = model.allNodes.count > 600 ? "line" : "true"
    var text = """
      digraph g {
      graph [splines=\(splines), nslimit=3, nslimit1=3, ranksep=0.35, nodesep=0.2, bgcolor="transparent", fontname="Helvetica", fontsize=11]
      node [shape=box, style="rounded,filled", fillcolor="white", fontname="Helvetica", fontsize=11, margin="0.12,0.05"]
      edge [arrowsize=0.5, color="#888888"]

      """
    text += contents(of: model.mainGraph)
    for function in model.functions { text += box(around: function.body) }
    // An edge inside a box would draw its other end into the box.
    for graph in model.graphs { text += edges(of: graph) }
    return text + "}\n"
  }

  private func box(around graph: Graph.ID) -> String {
    "subgraph cluster_\(prefix)\(graph.raw) {\n"
      + "graph [label=\(quoted(model.place(of: graph) ?? "")), style=\"rounded,dashed\", "
      + "color=\"#adb5bd\"]\n" + contents(of: graph) + "}\n"
  }

  private func contents(of id: Graph.ID) -> String {
    let graph = model[id]
    var text = ""
    for input in graph.inputs where !isConstant(input) {
      text += "\(port(input)) [shape=ellipse, class=\"port\", label=\(quoted(model[input].name))]\n"
    }
    for node in model.nodes(of: id) {
      let record = model[node]
      let name = TerminalTable.shortened(record.name, to: 28)
      let label = name.isEmpty ? quoted(record.opType) : "\(quoted(record.opType, name))"
      let own = self.id(node)
      text += "\(own) [id=\"\(own)\", class=\"op \(status(node))\", label=\(label)]\n"
      for body in record.bodies { text += box(around: body) }
    }
    // The results of a body go to the node that runs it.
    if case .node = graph.owner { return text }
    for (index, output) in graph.outputs.enumerated() {
      text +=
        "\(end(id, index)) [shape=ellipse, class=\"port\", "
        + "label=\(quoted(model[output].name))]\n"
    }
    return text
  }

  private func edges(of id: Graph.ID) -> String {
    var text = ""
    for node in model.nodes(of: id) {
      for input in Set(model[node].inputs.compactMap { $0 }).sorted() {
        if let source = source(of: input) { text += "\(source) -> \(self.id(node))\n" }
      }
    }
    for (index, output) in model[id].outputs.enumerated() {
      guard let source = source(of: output) else { continue }
      if case .node(let owner) = model[id].owner {
        text += "\(source) -> \(self.id(owner)) [style=dashed]\n"
      } else {
        text += "\(source) -> \(end(id, index))\n"
      }
    }
    return text
  }

  private func end(_ graph: Graph.ID, _ index: Int) -> String { "\(prefix)o\(graph.raw)_\(index)" }

  /// What an edge to a reader of `value` starts from; nil for a constant.
  private func source(of value: Value.ID) -> String? {
    if let producer = model[value].producer?.node { return id(producer) }
    return model[value].isGraphInput && !isConstant(value) ? port(value) : nil
  }

  private func isConstant(_ value: Value.ID) -> Bool { model[value].initializer != nil }

  private func port(_ value: Value.ID) -> String { "\(prefix)v\(value.raw)" }

  private func quoted(_ lines: String...) -> String {
    let escaped = lines.map { line in
      line.map { character in
        switch character {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\n", "\r": " "
        default: String(character)
        }
      }.joined()
    }
    return "\"" + escaped.joined(separator: "\\n") + "\""
  }
}
