internal import SurgeonRules
internal import SurgeonVerify

/// Which rewrites break a tolerance, alone or together.
struct BisectionText {
  let bisection: Bisection

  /// More rewrites than this say nothing more.
  private static let longest = 20

  func print(to console: Console) {
    let style = console.style
    guard let joint = bisection.joint, let worst = joint.worst else {
      console.print(style.good("no culprit") + ": all rewrites together stay within the tolerance")
      return
    }
    let error = DriftWords.text(worst.drift)
    if bisection.culprits.count == 1 {
      console.print(
        style.bad("1 rewrite alone") + " breaks the tolerance: \(error)")
    } else {
      console.print(
        style.bad("\(NumberText.count(bisection.culprits.count)) rewrites together")
          + " break the tolerance, and no one of them alone: \(error)")
    }
    let culprits = Set(bisection.culprits)
    var table = TerminalTable([
      ("node", .left), ("became", .left), ("max abs alone", .right), ("relative alone", .right),
      ("", .left),
    ])
    let shown = bisection.trials.filter { culprits.contains($0.name) || $0.breaks }
    for trial in shown.prefix(Self.longest) {
      let drift = trial.report.worst?.drift ?? Drift()
      table.add([
        .init(trial.name), .init(trial.target.rawValue),
        .init(NumberText.error(drift.maxAbsolute)), .init(NumberText.error(drift.relative)),
        culprits.contains(trial.name)
          ? .init("culprit") { $0.bad($1) } : .init("breaks it too") { $0.caution($1) },
      ])
    }
    for line in table.lines(style) { console.print("  " + line) }
    if shown.count > Self.longest {
      console.print(
        "  ... and \(NumberText.count(shown.count - Self.longest)) more (--json has all)")
    }
    let rest = bisection.trials.count - shown.count
    if rest > 0,
      let largest = bisection.trials.first(where: { trial in
        !culprits.contains(trial.name) && !trial.breaks
      })
    {
      let error = NumberText.error(largest.report.worst?.drift.relative ?? 0)
      console.print(
        "  \(NumberText.count(rest, "other rewrite")) \(rest == 1 ? "stays" : "stay") within it alone "
          + "(at most \(error))")
    }
    let names = bisection.culprits.prefix(3).map { "--except '\($0)'" }.joined(separator: " ")
    let more = bisection.culprits.count > 3 ? " ..." : ""
    console.print(
      style.hint("hint:")
        + " leave \(bisection.culprits.count == 1 ? "it" : "them") out with \(names)\(more)")
  }
}
