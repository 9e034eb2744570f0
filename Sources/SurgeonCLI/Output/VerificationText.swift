internal import SurgeonVerify

/// A verification as text: the verdict in one line, then a row for each output.
struct VerificationText {
  let report: VerificationReport
  /// "Float32" or the like: what the models ran in.
  let precision: String
  /// True where equality was never promised: nothing then exceeds anything.
  private var isMeasured = false

  init(report: VerificationReport, precision: String) {
    self.report = report
    self.precision = precision
  }

  func print(to console: Console) {
    print(verdict(console.style), to: console)
  }

  /// The same where equality was never promised: the error is measured, and nothing is called equal.
  func print(to console: Console, measuredBecause reason: String) {
    var copy = self
    copy.isMeasured = true
    copy.print(
      console.style.caution("measured") + ": \(reason); \(error ?? "nothing was compared")"
        + " (\(NumberText.count(report.samples, "sample")), \(precision))", to: console)
  }

  private func print(_ headline: String, to console: Console) {
    console.print(headline)
    let lines = table(report.outputs).lines(console.style)
    for line in lines { console.print("  " + line) }
    for output in report.outputs {
      guard let change = output.argmax, !output.drift.isZero else { continue }
      for line in ArgmaxText.lines(change, output: output.name) { console.print("  " + line) }
    }
    if let double = report.doubleOutputs, report.verdict == .equalUpToRounding {
      console.print("in Float64:")
      for line in table(double).lines(console.style) { console.print("  " + line) }
    }
    for name in report.outputsOnlyBefore {
      console.print("  output '\(name)' is missing from the second model")
    }
    if !report.outputsOnlyAfter.isEmpty {
      let names = report.outputsOnlyAfter.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
      let more = report.outputsOnlyAfter.count > 3 ? ", ..." : ""
      console.print(
        "  only in the second model: \(NumberText.count(report.outputsOnlyAfter.count, "output")) "
          + "(\(names)\(more))")
    }
    let degenerate = report.outputs.filter { $0.drift.isDegenerate && $0.isGood }
    if !degenerate.isEmpty {
      Diagnostics.warn(
        "\(NumberText.count(degenerate.count, "output")) of the first model "
          + (degenerate.count == 1 ? "is" : "are")
          + " constant (\(degenerate.prefix(3).map { "'\($0.name)'" }.joined(separator: ", "))):"
          + " evidence of nothing", to: console)
    }
    if !isMeasured { warnOfRandomNodes(to: console) }
  }

  /// Where the outputs differ by chance: which nodes draw, and what ends that.
  private func warnOfRandomNodes(to console: Console) {
    let nodes: [(RandomNode, model: String)] =
      report.randomNodesBefore.map { ($0, "first") }
      + report.randomNodesAfter.map { ($0, "second") }
    guard !nodes.isEmpty else { return }
    let names = nodes.prefix(3).map { node, model in
      "\(node.opType) '\(node.name)'" + (node.place.map { " in \($0)" } ?? "")
        + " of the \(model) model"
    }
    let list = names.joined(separator: ", ") + (nodes.count > names.count ? ", ..." : "")
    Diagnostics.warn(
      "\(NumberText.count(nodes.count, "node")) \(nodes.count == 1 ? "draws" : "draw") at random "
        + "what none of the other model draws (\(list)): the outputs differ by chance",
      to: console)
    if nodes.contains(where: \.0.isStoppable) {
      Diagnostics.hint(
        "'surgeon rewrite --rule stop-dropout' puts every Dropout into inference mode, '--to "
          + "batchnorm' every normalisation, too", to: console)
    }
    if !nodes.allSatisfy(\.0.isStoppable) {
      Diagnostics.hint(
        "a node draws the same numbers in both models where its name, or its attribute seed, is "
          + "the same", to: console)
    }
  }

  func verdict(_ style: Style) -> String {
    let basis = "\(NumberText.count(report.samples, "sample")), \(precision)"
    switch report.verdict {
    case .identical: return style.good("identical") + ": the same bits (\(basis))"
    case .equal:
      return style.good("equal") + " within tolerance: \(error ?? "")\(roundedWeights) (\(basis))"
    case .equalUpToRounding:
      return style.good("equal up to rounding")
        + ": the network amplifies it; in Float64 the \(error ?? "")"
    case .inconclusive:
      return style.caution("inconclusive")
        + ": nothing differs, but the outputs are constant (\(basis))"
    case .different:
      let missing = report.outputsOnlyBefore
      let isAllMissing = !missing.isEmpty && report.outputs.allSatisfy(\.isGood)
      let what = isAllMissing ? NumberText.count(missing.count, "output") + " missing" : error
      return style.bad("different") + ": \(what ?? "") (\(basis))"
    }
  }

  /// The largest error in words; nil where no output was compared.
  private var error: String? {
    guard let worst = report.worst else { return nil }
    if let mismatch = worst.mismatch { return "output '\(worst.name)': \(mismatch)" }
    let words = DriftWords.text(worst.drift)
    return worst.drift.nonFiniteMismatches > 0
      ? "output '\(worst.name)': \(words)" : "largest \(words)"
  }

  /// Where both models ran in Float64 and what is left has the size of a Float32 number's rounding.
  private var roundedWeights: String {
    guard let worst = report.worst, worst.tolerance == .float32Constants,
      (1e-12...1e-6).contains(worst.drift.relative)
    else { return "" }
    return ", the rounding of weights stored in Float32"
  }

  private func table(_ outputs: [VerificationReport.Output]) -> TerminalTable {
    var table = TerminalTable([
      ("output", .left), ("max abs", .right), ("99 %", .right), ("mean abs", .right),
      ("relative", .right), ("cosine", .right), ("SNR dB", .right), ("", .left),
    ])
    for output in outputs {
      let drift = output.drift
      let name =
        output.name == output.nameAfter ? output.name : "\(output.name) → \(output.nameAfter)"
      if let mismatch = output.mismatch {
        table.add([.init(name), "", "", "", "", "", "", .init(mismatch) { $0.bad($1) }])
        continue
      }
      table.add([
        .init(name), .init(NumberText.error(drift.maxAbsolute)),
        .init(drift.quantiles.map { NumberText.error($0.p99) } ?? "-"),
        .init(drift.quantiles == nil ? "-" : NumberText.error(drift.meanAbsolute)),
        .init(NumberText.error(drift.relative)),
        .init(drift.cosine.map { NumberText.fixed($0, digits: 6) } ?? "-"),
        .init(drift.signalToNoise.map(NumberText.decibels) ?? "-"), finding(output),
      ])
    }
    return table
  }

  private func finding(_ output: VerificationReport.Output) -> TerminalTable.Cell {
    if output.drift.nonFiniteMismatches > 0 {
      let count = NumberText.count(output.drift.nonFiniteMismatches, "element")
      return .init("\(count) NaN, infinite or unequal") { $0.bad($1) }
    }
    if output.isGood, output.drift.isDegenerate { return .init("constant") { $0.caution($1) } }
    if isMeasured { return "measured" }
    switch output.finding {
    case .identical: return .init("same bits") { $0.good($1) }
    case .within: return .init("ok") { $0.good($1) }
    case .exceeds, .incomparable: return .init("exceeds") { $0.bad($1) }
    }
  }
}
