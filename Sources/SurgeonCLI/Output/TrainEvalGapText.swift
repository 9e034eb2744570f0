internal import SurgeonVerify

/// The diagnosis of 'the loss in training mode is far from the loss in inference mode', in words.
struct TrainEvalGapText {
  let gap: TrainEvalGap
  let path: String
  /// Where the samples came from.
  let dataPath: String
  /// Samples in a batch, where it is known.
  let batchSize: Int?

  /// More rows than this are thinned out to the largest gaps.
  private static let longest = 24

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
    for site in shown {
      table.add([
        .init(site.name), .init(NumberText.count(Int(site.count))),
        .init("\(NumberText.short(site.meanDistance)) σ"),
        .init("× \(NumberText.short(1 + site.deviationDistance))"),
        .init(percent(site.gap)) { site.gap > TrainEvalGap.harmless ? $0.caution($1) : $1 },
      ])
    }
    if !shown.isEmpty {
      for line in table.lines(style) { console.print("  " + line) }
    }
    if shown.count < gap.sites.count {
      console.print(
        "  (the \(shown.count) largest gaps of \(NumberText.count(gap.sites.count)); --json has all)"
      )
    }
    for (name, reason) in gap.skipped { console.print("  '\(name)' not measured: \(reason)") }
    for output in gap.outputs {
      console.print("  output '\(output.name)' differs by \(percent(output.gap))")
    }
    printDiagnosis(to: console)
  }

  private var shown: [TrainEvalGap.Site] {
    guard gap.sites.count > Self.longest else { return gap.sites }
    let least = gap.causes[Self.longest - 1].gap
    return Array(gap.sites.filter { $0.gap >= least }.prefix(Self.longest))
  }

  private func printDiagnosis(to console: Console) {
    guard !gap.sites.isEmpty else { return }
    console.print()
    guard gap.largest > TrainEvalGap.harmless else {
      return console.printParagraph(
        "The two modes agree on these batches (largest gap \(percent(gap.largest))): a loss that "
          + "differs between them has another cause.")
    }
    console.print(
      console.style.caution(
        "train() and eval() are two different networks here: the outputs differ by "
          + "\(percent(gap.largest))."))
    let size = batchSize.map { "batches of \(NumberText.count($0, "sample"))" } ?? "these batches"
    console.printParagraph(
      "In training mode each batch is normalised with its own mean and variance, in inference mode "
        + "with the running ones, and over \(size) the two lie far apart. That is why a training loss "
        + "at this batch size can be far below the loss in inference mode: the network learns with "
        + "statistics that it does not have afterwards.")
    printCauses(to: console)
    printKind(to: console)
    printRemedies(to: console)
  }

  /// Which nodes make the difference.
  private func printCauses(to console: Console) {
    let causes = gap.causes
    if causes.count > 1, let most = causes.first?.gap, let least = causes.last?.gap,
      least > 0.8 * most
    {
      return console.printParagraph(
        "All \(NumberText.count(causes.count)) nodes have their part in it: each changes its own result "
          + "by \(unbroken(least)) to \(unbroken(most)).")
    }
    let names = causes.prefix(3).map {
      "'\(TerminalTable.shortened($0.name, to: 40))' (\(unbroken($0.gap)))"
    }
    console.printParagraph("Most of it comes from \(names.joined(separator: ", ")).")
  }

  /// Data of another kind, few numbers, old statistics, or batches that differ from one another.
  private func printKind(to console: Console) {
    if let first = foreign {
      return console.printParagraph(
        "Look at the data first: over all batches together the mean at "
          + "'\(TerminalTable.shortened(first.name, to: 40))' is "
          + "\(NumberText.short(first.shift))\u{A0}σ away from the running one, which no batch size "
          + "explains. Are they prepared as for the training (scale of the values, units, order of "
          + "channels)?")
    }
    let fewest = fewestPositions
    if fewest < Self.fewPositions {
      let few = gap.sites.count { $0.count < Self.fewPositions }
      console.printParagraph(
        "\(NumberText.count(few, "node")) \(few == 1 ? "takes" : "take") statistics over fewer than "
          + "\(Int(Self.fewPositions)) numbers (as few as \(NumberText.count(Int(fewest)))): they are "
          + "noise, whatever the data.")
    } else if isStale {
      console.printParagraph(
        "Over all \(NumberText.count(gap.batches)) batches together the means are still "
          + "\(NumberText.short(commonShift))\u{A0}σ away from the running ones: the running statistics "
          + "are not those of these data, whatever the batch size.")
    } else {
      console.printParagraph(
        "Every node takes its statistics over \(NumberText.count(Int(fewest))) numbers or more, so this "
          + "is no noise: what one batch shows (the brightness and contrast of its samples) is not what "
          + "the data show on average.")
    }
  }

  private func printRemedies(to console: Console) {
    let freeze = (
      "to train at this batch size, freeze the statistics; the function stays:",
      ["surgeon rewrite \(path)", "--form split"]
    )
    let group = (
      "or use a normalisation that has no running statistics; the function changes:",
      ["surgeon rewrite \(path)", "--to groupnorm --match data", "--inputs \(dataPath)"]
    )
    let calibrate = ["surgeon calibrate \(path)", "--data \(dataPath)", "-o calibrated.onnx"]
    var remedies = [
      freeze, group,
      ("if inference is what is wrong, measure the statistics on your data:", calibrate),
    ]
    if foreign != nil {
      remedies.insert(
        ("prepare the data as for the training and inspect again; only then", []), at: 0)
    } else if isStale {
      remedies = [
        ("measure the statistics on your data and inspect again:", calibrate), freeze, group,
      ]
    }
    for (index, remedy) in remedies.enumerated() {
      console.print((index == 0 ? console.style.hint("hint:") : "     ") + " " + remedy.0)
      guard !remedy.1.isEmpty else { continue }
      let line = "        " + remedy.1.joined(separator: " ")
      console.print(
        line.count <= TerminalTable.width
          ? line : "        " + remedy.1.joined(separator: " \\\n          "))
    }
  }

  /// The first node, where the data as a whole are not those that its statistics were taken over.
  private var foreign: TrainEvalGap.Site? {
    gap.sites.first.flatMap { $0.shift > Self.foreignFrom ? $0 : nil }
  }

  /// Whether most of the distance between means is one that all batches have in common.
  private var isStale: Bool {
    let distance = rms(gap.sites.map(\.meanDistance))
    return gap.batches > 1 && commonShift > 0.8 * distance && fewestPositions >= Self.fewPositions
  }

  private var commonShift: Double { rms(gap.sites.map(\.shift)) }
  private var fewestPositions: Double { gap.sites.map(\.count).min() ?? 0 }

  private func rms(_ numbers: [Double]) -> Double {
    guard !numbers.isEmpty else { return 0 }
    return (numbers.reduce(0) { $0 + $1 * $1 } / Double(numbers.count)).squareRoot()
  }

  /// No data of one kind have their mean further from that of others, in sigma.
  private static let foreignFrom = 3.0

  /// A mean over fewer numbers is off by more than a tenth of sigma.
  private static let fewPositions = 100.0

  /// With a space at which no line ends.
  private func unbroken(_ part: Double) -> String { "\(NumberText.short(100 * part))\u{A0}%" }

  private func percent(_ part: Double) -> String { "\(NumberText.short(100 * part)) %" }
}
