internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import SurgeonVerify

struct RewriteText {
  let outcome: RewriteOutcome
  /// The model before, to say what was looked for where there was nothing to do.
  let model: Model

  func print(to console: Console) {
    let report = outcome.report
    guard !report.rows.isEmpty else { return printNothingFound(to: console) }
    console.print(
      "\(outcome.path): \(report.rewrittenCount) of "
        + "\(NumberText.count(report.rows.count, "BatchNormalization")) rewritten")
    for line in table(report.rows).lines(console.style) { console.print("  " + line) }
    for failure in report.failures {
      console.print(
        console.style.bad("undone") + ": \(failure.rule) at '\(failure.subjectName)': "
          + failure.detail)
    }
    printVerification(to: console)
    for warning in outcome.warnings { Diagnostics.warn(warning, to: console) }
    if let path = outcome.outputPath {
      console.print("wrote \(path)")
    } else if outcome.isChange {
      console.print("nothing written: a promise is broken (--keep writes all the same)")
    } else {
      console.print("nothing written: nothing changed")
    }
  }

  private func table(_ rows: [SurgeryReport.Row]) -> TerminalTable {
    var table = TerminalTable([
      ("node", .left), ("channels", .right), ("rank", .right), ("what became of it", .left),
    ])
    for row in rows {
      let number = { (number: Int?) in TerminalTable.Cell(number.map { "\($0)" } ?? "?") }
      var lines: [TerminalTable.Cell]
      switch row.outcome {
      case .rewritten(let rules): lines = [.init(rules.joined(separator: ", ")) { $0.good($1) }]
      case .kept: lines = [.init("kept by the plan") { $0.dim($1) }]
      case .declined(let reasons):
        lines = reasons.map { .init("left: \($0)") { $0.caution($1) } }
        if lines.isEmpty { lines = [.init("left") { $0.caution($1) }] }
      }
      if let group = row.group {
        lines.append(
          .init("\(group.count) of \(row.channels ?? 0): \(group.reason)") { $0.dim($1) })
        let measured =
          group.measuredDamage.map { NumberText.fixed($0, digits: 2) } ?? "not measured"
        lines.append(
          .init(
            "damage: predicted \(NumberText.fixed(group.predictedDamage, digits: 2)), measured \(measured)"
          ))
      }
      lines += row.notes.map { .init($0) { $0.dim($1) } }
      table.add([.init(row.name), number(row.channels), number(row.rank), lines[0]])
      for line in lines.dropFirst() { table.add(["", "", "", line]) }
    }
    return table
  }

  private func printVerification(to console: Console) {
    guard let verification = outcome.verification else {
      if outcome.isChange { console.print("not verified") }
      return
    }
    let text = VerificationText(report: verification, precision: outcome.precision.text)
    switch outcome.promise {
    case .equality: text.print(to: console)
    case .measured(let reason): text.print(to: console, measuredBecause: reason)
    }
  }

  private func printNothingFound(to console: Console) {
    console.print("\(outcome.path): no BatchNormalization, nothing to rewrite")
    let nodes = model.allNodes
    let convolutions = nodes.count { ["Conv", "ConvTranspose"].contains(model[$0].opType) }
    let affine = nodes.count { ["Mul", "Add", "Sub", "Div", "Sqrt"].contains(model[$0].opType) }
    console.print(
      "  looked at \(NumberText.count(nodes.count, "node")) in all graphs, bodies and functions")
    if convolutions > 0 {
      console.print(
        "  folded at export? the weights of \(NumberText.count(convolutions, "convolution")) may "
          + "hold it; export with the normalisations kept")
    }
    if affine > 0 {
      console.print(
        "  decomposed? \(NumberText.count(affine, "elementwise node")) (Mul, Add, Sub, Div, Sqrt) "
          + "may spell it out")
    }
    console.print(outcome.outputPath.map { "wrote \($0) (unchanged)" } ?? "nothing written")
  }
}
