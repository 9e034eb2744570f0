internal import SurgeonVerify

/// How two models drift apart along their depth.
struct DriftText {
  let drifts: [LockStep.ValueDrift]
  let divergence: Divergence?

  /// More rows than this say nothing more: they are thinned out evenly, the worst kept.
  private static let longest = 40

  func print(to console: Console) {
    console.print()
    console.print(
      console.style.bold("drift along the depth")
        + " (\(NumberText.count(drifts.count, "value")) compared)")
    var table = TerminalTable([
      ("value", .left), ("operator", .left), ("max abs", .right), ("99 %", .right),
      ("relative", .right), ("cosine", .right), ("SNR dB", .right), ("", .left),
    ])
    for drift in shown { table.add(row(drift)) }
    for line in table.lines(console.style) { console.print("  " + line) }
    if shown.count < drifts.count {
      console.print("  (\(shown.count) of \(drifts.count) shown; --json has all)")
    }
    for value in drifts {
      guard let change = value.argmax, !value.drift.isZero else { continue }
      for line in ArgmaxText.lines(change, output: value.name) { console.print("  " + line) }
    }
    printDivergence(to: console)
  }

  func printDivergence(to console: Console) {
    guard let divergence else {
      console.print("no value is further apart than rounding explains")
      return
    }
    let value = divergence.value
    console.print(
      console.style.bad("first divergence") + ": \(value.opType) '\(value.name)', "
        + (value.mismatch ?? DriftWords.text(value.drift))
        + (value.parting.map { $0.sample > 0 ? ", with sample \($0)" : "" } ?? ""))
    if let place = value.place { console.print("  in the \(place)") }
    if !divergence.agreeing.isEmpty {
      let names = divergence.agreeing.prefix(4).map { "'\($0)'" }.joined(separator: ", ")
      let more = divergence.agreeing.count > 4 ? ", ..." : ""
      console.print("  still the same: \(names)\(more)")
    }
    for step in divergence.path.suffix(12) {
      console.print("  then \(step.opType) '\(TerminalTable.shortened(step.name, to: 60))'")
    }
  }

  private var shown: [LockStep.ValueDrift] {
    guard drifts.count > Self.longest else { return drifts }
    let stride = Double(drifts.count - 1) / Double(Self.longest - 1)
    var kept = Set((0..<Self.longest).map { Int(Double($0) * stride) })
    if let worst = drifts.indices.max(by: { drifts[$0].drift.relative < drifts[$1].drift.relative })
    {
      kept.insert(worst)
    }
    if let first = drifts.firstIndex(where: \.isDivergence) { kept.insert(first) }
    return kept.sorted().map { drifts[$0] }
  }

  private func row(_ value: LockStep.ValueDrift) -> [TerminalTable.Cell] {
    let drift = value.drift
    let remark: TerminalTable.Cell =
      if let mismatch = value.mismatch {
        .init(mismatch) { $0.bad($1) }
      } else if value.isDivergence {
        .init("diverges") { $0.bad($1) }
      } else if drift.isZero {
        .init("same bits") { $0.good($1) }
      } else {
        .init("ok") { $0.good($1) }
      }
    return [
      .init(value.place.map { "\(value.name) (\($0))" } ?? value.name), .init(value.opType),
      .init(NumberText.error(drift.maxAbsolute)),
      .init(drift.quantiles.map { NumberText.error($0.p99) } ?? "-"),
      .init(NumberText.error(drift.relative)),
      .init(drift.cosine.map { NumberText.fixed($0, digits: 6) } ?? "-"),
      .init(drift.signalToNoise.map(NumberText.decibels) ?? "-"), remark,
    ]
  }
}
