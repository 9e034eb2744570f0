internal import SurgeonDiff
internal import SurgeonIR
internal import SurgeonVerify

/// One self-contained page about a difference: both graphs side by side, what changed, weights and
/// drift. Loads nothing from anywhere.
struct DiffPage {
  private let report: DiffReport
  private let before: Model
  private let after: Model
  private let titles: (String, String)
  private let first: GraphPicture
  private let second: GraphPicture
  private var data: PageData

  /// - Throws: what reading a constant throws.
  init(
    diff: StructuralDiff, report: DiffReport, before: Model, after: Model,
    drifts: [LockStep.ValueDrift], titles: (String, String)
  ) throws(SurgeonError) {
    self.report = report
    self.before = before
    self.after = after
    self.titles = titles
    let status = PageStatus(diff, before: before, after: after)
    first = GraphPicture(model: before, prefix: "b") { status.before[$0] ?? "same" }
    second = GraphPicture(model: after, prefix: "a") { status.after[$0] ?? "same" }
    let builder = PageDataBuilder(
      diff: diff, before: before, after: after, status: status, drifts: drifts)
    data = try builder.data(first.id, second.id)
  }

  /// - Throws: `io` where Graphviz is missing or fails.
  func html() throws(SurgeonError) -> String {
    let (left, right) = (
      try GraphvizLayout.svg(of: first.dot), try GraphvizLayout.svg(of: second.dot)
    )
    // Inside a script element only `<` could end it.
    let json = JSONText.compact(data).map { $0 == "<" ? "\\u003c" : String($0) }.joined()
    return PageTemplate.html(
      title: "\(titles.0) → \(titles.1)", verdict: verdict, summary: summary, left: left,
      right: right,
      leftTitle: titles.0, rightTitle: titles.1, data: json)
  }

  private var verdict: String {
    let console = Console.captured()
    DiffText(report: report, before: titles.0, after: titles.1).printVerdict(to: console)
    return String(console.outputText.dropLast())
  }

  private var summary: String {
    let console = Console.captured()
    DiffText(report: report, before: titles.0, after: titles.1).print(to: console)
    return console.outputText
  }
}

/// The class of each node: what became of it.
struct PageStatus {
  private(set) var before: [Node.ID: String] = [:]
  private(set) var after: [Node.ID: String] = [:]

  init(_ diff: StructuralDiff, before modelBefore: Model, after modelAfter: Model) {
    for pair in diff.renamed {
      before[pair.before] = "renamed"
      after[pair.after] = "renamed"
    }
    for pair in diff.constantsChanged {
      for node in modelBefore[pair.before].uses.compactMap(\.node) { before[node] = "changed" }
      for node in modelAfter[pair.after].uses.compactMap(\.node) { after[node] = "changed" }
    }
    for change in diff.changed {
      before[change.before] = "changed"
      after[change.after] = "changed"
    }
    for node in diff.removed { before[node] = "removed" }
    for node in diff.added { after[node] = "added" }
    for group in diff.replaced {
      for pair in group.absorbing {
        before[pair.before] = "changed"
        after[pair.after] = "changed"
      }
      for node in group.removed { before[node] = "replaced" }
      for node in group.added { after[node] = "replaced" }
    }
  }
}
