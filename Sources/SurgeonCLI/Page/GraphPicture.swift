internal import SurgeonIR

/// A model's main graph in Graphviz's language, with an id and a class for each node.
struct GraphPicture {
  let model: Model
  /// Starts every id, so that two pictures can stand on one page.
  let prefix: String
  /// A word for each node that becomes its class.
  let status: (Node.ID) -> String

  func id(_ node: Node.ID) -> String { "\(prefix)\(node.raw)" }

  var dot: String {
    let graph = model[model.mainGraph]
    // Straight edges keep the layout of thousands of nodes within seconds.
    let splines = graph.nodeCount > 600 ? "line" : "true"
    var text = """
      digraph g {
      graph [splines=\(splines), nslimit=3, nslimit1=3, ranksep=0.35, nodesep=0.2, bgcolor="transparent"]
      node [shape=box, style="rounded,filled", fillcolor="white", fontname="Helvetica", fontsize=11, margin="0.12,0.05"]
      edge [arrowsize=0.5, color="#888888"]

      """
    for input in graph.inputs where !isConstant(input) {
      text += "\(port(input)) [shape=ellipse, class=\"port\", label=\(quoted(model[input].name))]\n"
    }
    for node in model.nodes(of: model.mainGraph) {
      let record = model[node]
      let name = TerminalTable.shortened(record.name, to: 28)
      let label = name.isEmpty ? quoted(record.opType) : "\(quoted(record.opType, name))"
      text += "\(id(node)) [id=\"\(id(node))\", class=\"op \(status(node))\", label=\(label)]\n"
      for input in Set(record.inputs.compactMap { $0 }) {
        if let producer = model[input].producer?.node, model[producer].graph == model.mainGraph {
          text += "\(id(producer)) -> \(id(node))\n"
        } else if model[input].isGraphInput, !isConstant(input) {
          text += "\(port(input)) -> \(id(node))\n"
        }
      }
    }
    for (index, output) in graph.outputs.enumerated() {
      let end = "\(prefix)o\(index)"
      text += "\(end) [shape=ellipse, class=\"port\", label=\(quoted(model[output].name))]\n"
      if let producer = model[output].producer?.node { text += "\(id(producer)) -> \(end)\n" }
    }
    return text + "}\n"
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
