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
    guard !report.rows.isEmpty || outcome.rules != nil || outcome.isChange else {
      return printNothingFound(to: console)
    }
    if let rules = outcome.rules { print(rules, to: console) }
    if !report.rows.isEmpty {
      console.print(
        "\(outcome.path): \(report.rewrittenCount) of "
          + "\(NumberText.count(report.rows.count, "BatchNormalization")) rewritten")
      for line in table(report.rows).lines(console.style) { console.print("  " + line) }
    }
    printStoppedDropouts(to: console)
    printState(to: console)
    printOutputDamage(to: console)
    for failure in report.failures {
      console.print(
        console.style.bad("undone") + ": \(failure.rule) at '\(failure.subjectName)': "
          + failure.detail)
    }
    printVerification(to: console)
    printCertificates(to: console)
    for warning in outcome.warnings { Diagnostics.warn(warning, to: console) }
    if let path = outcome.outputPath {
      console.print("wrote \(path)" + (outcome.isChange ? "" : " (nothing rewritten)"))
    } else if outcome.isChange {
      console.print("nothing written: a promise is broken (--keep writes all the same)")
    } else {
      console.print("nothing written: nothing changed")
    }
  }

  /// How often each rule applied, and how its certificates came out.
  private func print(_ rules: RewriteReport, to console: Console) {
    let total = rules.applications.count
    console.print(
      "\(outcome.path): \(NumberText.count(total, "application")) of "
        + NumberText.count(rules.statistics.count, "rule"))
    var table = TerminalTable([
      ("rule", .left), ("tried", .right), ("near misses", .right), ("applied", .right),
    ])
    for entry in rules.statistics {
      table.add([
        .init(entry.rule), .init("\(entry.tried)"), .init("\(entry.nearMisses)"),
        .init("\(entry.applied)") { entry.applied > 0 ? $0.good($1) : $1 },
      ])
    }
    for line in table.lines(console.style) { console.print("  " + line) }
  }

  private func printCertificates(to console: Console) {
    let report = outcome.report
    let (certified, others) = (report.certified, report.uncertified)
    guard certified > 0 || !others.isEmpty else { return }
    var text =
      "certified: \(certified) of \(NumberText.count(certified + others.count, "application"))"
    let isSummary = !outcome.namesUncertified && !others.isEmpty
    if isSummary { text += " (--certify checks all that can be)" }
    console.print(text)
    if isSummary {
      for place in reasons(others) { console.print("  \(place.count) not: \(place.reason)") }
    }
    guard outcome.namesUncertified else { return }
    for place in others {
      console.print("not certified: \(place.rule) at '\(place.subjectName)': \(place.detail)")
    }
  }

  /// Why applications were not certified, in the order of first mention.
  private func reasons(_ places: [RewriteReport.Failure]) -> [(reason: String, count: Int)] {
    var result: [(reason: String, count: Int)] = []
    for place in places {
      if let index = result.firstIndex(where: { $0.reason == place.detail }) {
        result[index].count += 1
      } else {
        result.append((place.detail, 1))
      }
    }
    return result
  }

  private func table(_ rows: [SurgeryReport.Row]) -> TerminalTable {
    var table = TerminalTable([
      ("node", .left), ("channels", .right), ("rank", .right), ("what became of it", .left),
    ])
    for row in rows {
      let number = { (number: Int?) in TerminalTable.Cell(number.map { "\($0)" } ?? "?") }
      let became: TerminalTable.Cell
      var details: [TerminalTable.Cell] = []
      switch row.outcome {
      case .rewritten(let rules): became = .init(rules.joined(separator: ", ")) { $0.good($1) }
      case .kept: became = .init("kept by the plan") { $0.dim($1) }
      case .declined(let reasons):
        became = .init("left as it was") { $0.caution($1) }
        for reason in reasons {
          details.append(.init("- \(reason.text)") { $0.caution($1) })
          if let remedy = reason.remedy {
            details.append(.init("  hint: \(remedy)") { $0.dim($1) })
          }
        }
      }
      if let group = row.group { details += damage(group).map { .init($0) { $0.dim($1) } } }
      details += row.notes.map { .init($0) { $0.dim($1) } }
      table.add(
        [.init(row.name), number(row.channels), number(row.rank), became], details: details)
    }
    return table
  }

  /// What a group normalisation costs: on its original input, then in the rewritten network.
  private func damage(_ group: SurgeryReport.Group) -> [String] {
    let expected = NumberText.short(group.expectedDamage)
    var lines = ["\(NumberText.count(group.count, "group")): \(group.reason)"]
    if let own = group.ownDamage {
      lines.append(
        "damage by itself \(NumberText.short(own)) (\(expected) from the statistics alone)")
    } else {
      lines.append("damage by itself \(expected) from the statistics alone: not predicted")
    }
    if let predicted = group.predictedDamage {
      let measured = group.measuredDamage.map { ", measured \(NumberText.short($0))" } ?? ""
      lines.append("damage in the network: predicted \(NumberText.short(predicted))\(measured)")
    }
    return lines
  }

  private func printStoppedDropouts(to console: Console) {
    let names = outcome.report.stoppedDropouts
    guard let first = names.first else { return }
    console.print(
      "\(NumberText.count(names.count, "Dropout")) in inference mode now (first: '\(first)'): the "
        + "function changes, nothing is dropped at random any more")
  }

  private func printState(to console: Console) {
    let report = outcome.report
    let rows = report.rows.filter {
      $0.isRewritten && [.welford, .running].contains($0.options.target)
    }
    guard !rows.isEmpty, report.stateCount > 0 else { return }
    var text =
      "state: \(NumberText.count(report.stateCount, "input")) with a default, each with an output "
      + "NAME.next that the caller feeds back (surgeon run --repeat-state)"
    let memories = rows.compactMap(\.memory)
    if let least = memories.min(), let most = memories.max(), most.isFinite {
      let numbers = Set([least, most].map { Int(min($0, 1e9).rounded()) }).sorted()
      let range = numbers.map { "\($0)" }.joined(separator: " to ")
      text += "; the statistics are those of the last \(range) samples or so"
    }
    console.print(text)
  }

  private func printOutputDamage(to console: Console) {
    switch outcome.damageSource {
    case .statistics:
      console.print(
        "damage (relative RMS) from the running statistics alone compares numbers of groups and "
          + "predicts nothing of your data: for that the original network must run (leave out "
          + "--no-verify), best on data of yours (--inputs)")
    case .noise(let samples):
      console.print(
        "damage (relative RMS) is predicted from how the original network runs on "
          + "\(NumberText.count(samples, "sample")) of noise, and measured on the same: on your data "
          + "it is another; --inputs takes some")
    case .inputs(let path, let samples):
      console.print(
        "damage (relative RMS) is predicted from how the original network runs on "
          + "\(NumberText.count(samples, "sample")) of \(path), and measured on the same")
    case nil: break
    }
    for damage in outcome.report.outputDamage {
      console.print(
        "damage at output '\(damage.output)': predicted \(NumberText.short(damage.predicted)), "
          + "measured \(NumberText.short(damage.measured))")
      if let decider = damage.decidingOperator {
        console.print(
          "  it is what a \(decider) decides: predicted is a mean over what may happen, of decisions "
            + "that stay (near 0) and sure ones that flip (1.41)")
      }
    }
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
    let decomposed = (try? Rewriter([.recomposeBatchNorm()]).matches(in: model).count) ?? 0
    if decomposed > 0 {
      console.print(
        "  decomposed: \(NumberText.count(decomposed, "normalisation")) in elementwise nodes, frozen"
          + " as they are; --form fold, or another --to, makes them one node first")
    } else if affine > 0 {
      console.print(
        "  decomposed? \(NumberText.count(affine, "elementwise node")) (Mul, Add, Sub, Div, Sqrt) "
          + "may spell it out")
    }
    let states = StatePairs.find(in: model).count
    if states > 0 {
      console.print(
        "  running statistics? \(NumberText.count(states, "state input")); --to batchnorm or frozen "
          + "turns them back, and surgeon why tells what is in the way")
    }
    for warning in outcome.warnings { Diagnostics.warn(warning, to: console) }
    console.print(outcome.outputPath.map { "wrote \($0) (unchanged)" } ?? "nothing written")
  }
}
