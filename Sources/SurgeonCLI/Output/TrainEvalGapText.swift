internal import SurgeonVerify

/// The diagnosis of 'the loss in training mode is far from the loss in inference mode', in words.
struct TrainEvalGapText {
  let gap: TrainEvalGap
  let path: String

  func print(to console: Console) {
    let style = console.style
    console.print()
    console.print(
      style.bold("training mode against inference mode")
        + " (\(NumberText.count(gap.batches, "batch", plural: "batches")))")
    var table = TerminalTable([
      ("node", .left), ("positions", .right), ("mean off by", .right), ("sigma off by", .right),
      ("gap", .right),
    ])
    for site in gap.sites {
      table.add([
        .init(site.name), .init(NumberText.count(Int(site.count))),
        .init("\(NumberText.short(site.meanDistance)) σ"),
        .init("× \(NumberText.short(1 + site.deviationDistance))"),
        .init(percent(site.gap)) { site.gap > TrainEvalGap.harmless ? $0.caution($1) : $1 },
      ])
    }
    for line in table.lines(style) { console.print("  " + line) }
    for (name, reason) in gap.skipped { console.print("  '\(name)' not measured: \(reason)") }
    for output in gap.outputs {
      console.print("  output '\(output.name)' differs by \(percent(output.gap))")
    }
    printDiagnosis(to: console)
  }

  private func printDiagnosis(to console: Console) {
    guard !gap.sites.isEmpty else { return }
    guard gap.largest > TrainEvalGap.harmless else {
      console.print("The two modes agree on these batches: nothing to repair.")
      return
    }
    let causes = gap.causes.prefix(3).map { "'\($0.name)' (\(percent($0.gap)))" }
    console.print(
      "In training mode each batch is normalised with its own statistics, which here lie far from")
    console.print(
      "the running ones: the outputs differ by \(percent(gap.largest)). The largest causes are")
    console.print(causes.joined(separator: ", ") + ".")
    console.print(
      console.style.hint("hint:") + " to fine-tune at this batch size, freeze the statistics:"
        + " surgeon rewrite \(path) --form split")
    console.print(
      "      if inference is what is wrong, collect them anew: surgeon calibrate \(path) --data ..."
    )
  }

  private func percent(_ part: Double) -> String { "\(NumberText.short(100 * part)) %" }
}
