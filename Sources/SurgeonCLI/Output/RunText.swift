internal import SurgeonRuntime
internal import SurgeonVerify

/// What a run gave and took.
struct RunSummary {
  var samples = 0
  /// Of the first sample.
  var outputs: [ValueSummary] = []
  var durations: [Duration] = []
  var profile: [ModelRunner.OperatorTime]?
  var firstResult: FirstResult?
  var peakBytes = 0

  var medianMilliseconds: Double? {
    let sorted = durations.sorted()
    guard !sorted.isEmpty else { return nil }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? (sorted[middle - 1].milliseconds + sorted[middle].milliseconds) / 2
      : sorted[middle].milliseconds
  }

  var minimumMilliseconds: Double? { durations.min()?.milliseconds }
}

struct RunText {
  let summary: RunSummary
  let outputPath: String?

  func print(to console: Console) {
    var table = TerminalTable([
      ("output", .left), ("type", .left), ("min", .right), ("max", .right), ("mean", .right),
      ("std", .right), ("", .left),
    ])
    for output in summary.outputs {
      let statistics = output.statistics
      func text(_ number: Double?) -> TerminalTable.Cell {
        .init(number.map(NumberText.short) ?? "-")
      }
      let bad = statistics?.nonFinite ?? 0
      table.add([
        .init(output.name), .init(output.type + (output.shape.map { "\($0)" } ?? "")),
        text(statistics?.minimum), text(statistics?.maximum), text(statistics?.mean),
        text(statistics?.deviation),
        .init(bad == 0 ? "" : "\(NumberText.count(bad)) not finite") { $0.bad($1) },
      ])
    }
    for line in table.lines(console.style) { console.print(line) }
    if summary.samples > 1 {
      console.print("(the first of \(NumberText.count(summary.samples, "sample")))")
    }
    if let profile = summary.profile { printProfile(profile, to: console) }
    if let first = summary.firstResult { printFirstResult(first, to: console) }
    if let median = summary.medianMilliseconds, let least = summary.minimumMilliseconds {
      console.print(
        "time: median \(NumberText.short(median)) ms, least \(NumberText.short(least)) ms over "
          + "\(NumberText.count(summary.durations.count, "run")); peak memory "
          + NumberText.bytes(summary.peakBytes))
    }
    if let outputPath { console.print("wrote \(outputPath)") }
  }

  private func printProfile(_ profile: [ModelRunner.OperatorTime], to console: Console) {
    let total = profile.reduce(Duration.zero) { $0 + $1.duration }.milliseconds
    var table = TerminalTable([
      ("operator", .left), ("engine", .left), ("calls", .right), ("reorders", .right),
      ("ms", .right), ("%", .right),
    ])
    for row in profile {
      let milliseconds = row.duration.milliseconds
      table.add([
        .init(row.opType), .init(row.engine), .init(NumberText.count(row.calls)),
        .init(NumberText.count(row.reorders)), .init(NumberText.fixed(milliseconds, digits: 3)),
        .init(NumberText.fixed(total > 0 ? 100 * milliseconds / total : 0, digits: 1)),
      ])
    }
    console.print()
    for line in table.lines(console.style) { console.print(line) }
  }

  private func printFirstResult(_ first: FirstResult, to console: Console) {
    var table = TerminalTable([("before the first result", .left), ("ms", .right)])
    let rows = [
      ("reading the model", first.reading), ("loading oneDNN", first.library),
      ("planning", first.planning), ("preparing ahead", first.preparing),
      ("the first run", first.running), ("together", first.total),
    ]
    for (name, duration) in rows {
      table.add([.init(name), .init(NumberText.fixed(duration.milliseconds, digits: 3))])
    }
    console.print()
    for line in table.lines(console.style) { console.print(line) }
    let done = first.preparation
    func text(_ duration: Duration) -> String {
      "\(NumberText.fixed(duration.milliseconds, digits: 1)) ms"
    }
    console.print(
      "prepared, the time of all threads together: "
        + "\(NumberText.count(done.primitiveCount, "primitive")) in \(text(done.primitives)), "
        + "\(NumberText.bytes(done.weightBytes)) of weights in \(text(done.weights))")
  }
}

extension Duration {
  var milliseconds: Double {
    Double(components.seconds) * 1e3 + Double(components.attoseconds) * 1e-15
  }
}
