internal import SurgeonCalibrate
internal import SurgeonVerify

struct CalibrateText {
  let outcome: CalibrationOutcome

  func print(to console: Console) {
    if let report = outcome.report {
      console.print("\(NumberText.count(report.sites.count, "BatchNormalization")) calibrated")
      for line in table(report).lines(console.style) { console.print("  " + line) }
      for site in report.skipped {
        console.print("  left as it is: '\(site.name)': \(site.reason)")
      }
      for site in report.sites where !site.constantChannels.isEmpty {
        let count = NumberText.count(site.constantChannels.count, "channel")
        Diagnostics.warn(
          "'\(site.name)': \(count) never varied over the data (first: channel "
            + "\(site.constantChannels[0]))", to: console)
      }
    }
    for output in outcome.drift?.outputs ?? [] {
      console.print(
        "output '\(output.name)' changed by \(NumberText.error(output.drift.maxAbsolute)) at most, "
          + "\(NumberText.error(output.drift.meanAbsolute)) on average")
    }
    for warning in outcome.warnings { Diagnostics.warn(warning, to: console) }
    if let statistics = outcome.statistics, let path = outcome.statisticsPath {
      var text =
        "wrote \(path): \(statistics.completeGroups) of "
        + "\(NumberText.count(statistics.groupCount, "group")) measured"
      if let shard = statistics.shard, statistics.isPartComplete {
        text += ", and of the next part \(shard.index) of \(shard.count) "
        text += "(\(NumberText.count(statistics.samples, "sample")))"
      }
      console.print(text)
    }
    if let path = outcome.outputPath { console.print("wrote \(path)") }
  }

  private func table(_ report: CalibrationReport) -> TerminalTable {
    var table = TerminalTable([
      ("node", .left), ("channels", .right), ("group", .right), ("moved by", .right),
      ("most: channel", .right), ("mean", .left), ("variance", .left),
    ])
    for site in report.sites {
      let distance = site.distance.map { NumberText.short($0) } ?? "?"
      guard let most = site.moved.first else {
        table.add([
          .init(site.name), "\(site.channelCount)", "\(site.group)", .init(distance), "", "", "",
        ])
        continue
      }
      table.add([
        .init(site.name), "\(site.channelCount)", "\(site.group)", .init(distance),
        "\(most.index)",
        "\(NumberText.short(most.oldMean)) to \(NumberText.short(most.newMean))",
        "\(NumberText.short(most.oldVariance)) to \(NumberText.short(most.newVariance))",
      ])
    }
    return table
  }
}
