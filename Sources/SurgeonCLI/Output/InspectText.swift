internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonVerify

struct InspectText {
  let inspection: ModelInspection
  let path: String

  func print(to console: Console) {
    let style = console.style
    let header = inspection.header
    let opsets = header.opsetImports.map {
      "\($0.domain.isEmpty ? "ai.onnx" : $0.domain) \($0.version)"
    }.joined(separator: ", ")
    var producer = [header.producerName, header.producerVersion].filter { !$0.isEmpty }
    if producer.isEmpty { producer = ["unknown producer"] }
    console.print(style.bold(path))
    console.print(
      "  IR version \(header.irVersion), opset \(opsets), " + producer.joined(separator: " "))
    console.print(
      "  \(NumberText.count(inspection.parameterCount, "parameter")) "
        + "(\(NumberText.bytes(inspection.parameterBytes))) in "
        + NumberText.count(inspection.initializerCount, "initializer"))
    var structure = NumberText.count(inspection.nodeCount, "node")
    if inspection.bodyCount > 0 {
      structure += ", " + NumberText.count(inspection.bodyCount, "body", plural: "bodies")
    }
    if !inspection.functions.isEmpty {
      structure += ", " + NumberText.count(inspection.functions.count, "function")
    }
    console.print("  " + structure)
    printPorts("input", inspection.inputs, to: console)
    printPorts("output", inspection.outputs, to: console)
    printOperators(to: console)
    printNormalizations(to: console)
  }

  private func printPorts(_ kind: String, _ ports: [ModelInspection.Port], to console: Console) {
    for port in ports {
      let suffix = port.isOptional ? " (has a default)" : ""
      console.print("  \(kind) '\(port.name)': \(TypeText.text(port.type))\(suffix)")
    }
  }

  private func printOperators(to console: Console) {
    console.print()
    console.print(console.style.bold("operators"))
    var line = " "
    for entry in inspection.operators {
      let name = entry.domain.isEmpty ? entry.opType : "\(entry.domain).\(entry.opType)"
      let word = " \(name) \(NumberText.count(entry.count)),"
      if line.count + word.count > TerminalTable.width {
        console.print(line)
        line = " "
      }
      line += word
    }
    if line != " " { console.print(String(line.dropLast())) }
  }

  private func printNormalizations(to console: Console) {
    console.print()
    let all = inspection.normalizations
    guard !all.isEmpty else {
      console.print("no BatchNormalization")
      return
    }
    let training = all.count(where: \.isTraining)
    var title = NumberText.count(all.count, "BatchNormalization")
    if training > 0 { title += ", \(NumberText.count(training)) in training mode" }
    console.print(console.style.bold(title))
    var table = TerminalTable([
      ("node", .left), ("channels", .right), ("rank", .right), ("health", .left),
    ])
    for health in all {
      let lines = health.findings.map(\.message)
      table.add(
        [
          .init(health.name), .init(health.channels.map { "\($0)" } ?? "?"),
          .init(health.rank.map { "\($0)" } ?? "?"),
          lines.isEmpty ? .init("good") { $0.good($1) } : .init(lines[0]) { $0.caution($1) },
        ], details: lines.dropFirst().map { .init($0) { $0.caution($1) } })
    }
    for line in table.lines(console.style) { console.print("  " + line) }
  }
}

extension InspectText {
  /// Inspects the model at `file`, which is shown as `path`.
  init(path: String, readFrom file: String) throws(SurgeonError) {
    self.init(
      inspection: try ModelInspection(try ModelReader.read(path: file)), path: path)
  }
}
