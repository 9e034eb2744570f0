internal import SurgeonDiff

/// A difference as text of at most a hundred columns that reads well without colour.
struct DiffText {
  let report: DiffReport
  let before: String
  let after: String

  /// A section longer than this is cut; --json has everything.
  static let longest = 200
  /// More inputs or outputs than this, added or removed, are not listed one by one.
  private static let longestOfOneKind = 8

  func print(to console: Console) {
    printVerdict(to: console)
    guard !report.isIdentical else { return }
    printSizes(to: console)
    printHeader(to: console)
    printReplacements(to: console)
    printNodes("removed", report.removed, "-", to: console)
    printNodes("added", report.added, "+", to: console)
    printChanges(to: console)
    printConstants(to: console)
    printRenamings(to: console)
  }

  /// A line for each kind of change, with git's bars.
  func printStatistics(to console: Console) {
    let summary = report.summary
    let rows = [
      ("nodes replaced", summary.nodesReplaced), ("nodes changed", summary.nodesChanged),
      ("nodes added", summary.nodesAdded), ("nodes removed", summary.nodesRemoved),
      ("nodes renamed", summary.nodesRenamed), ("nodes moved", summary.nodesMoved),
      ("initializers changed", summary.initializersChanged),
      ("initializers added", summary.initializersAdded),
      ("initializers removed", summary.initializersRemoved),
      ("header changes", summary.headerChanges), ("ports renamed", summary.portsRenamed),
    ]
    let largest = rows.map(\.1).max() ?? 0
    for (title, count) in rows where count > 0 {
      let width = max(1, count * 40 / max(40, largest))
      let bar = String(repeating: "#", count: min(width, 40))
      let padded = title + String(repeating: " ", count: 21 - title.count)
      let number = NumberText.count(count)
      console.print(
        " \(padded)| " + String(repeating: " ", count: max(0, 7 - number.count)) + number + " "
          + console.style.caution(bar))
    }
    printVerdict(to: console)
  }

  func printVerdict(to console: Console) {
    let summary = report.summary
    let style = console.style
    if report.isIdentical {
      console.print(style.good("identical") + ": same structure, same names, same weights")
    } else if report.isSameStructure {
      let names = summary.nodesRenamed + summary.portsRenamed
      console.print(
        names > 0
          ? style.good("same structure") + ", names differ"
          : style.good("same structure") + ", nodes in another order")
    } else {
      let parts = [
        (summary.nodesReplaced, "group", "replaced"), (summary.nodesChanged, "node", "changed"),
        (summary.nodesAdded, "node", "added"), (summary.nodesRemoved, "node", "removed"),
        (
          summary.initializersChanged + summary.initializersAdded
            + summary.initializersRemoved, "initializer", "changed"
        ), (summary.headerChanges, "difference", "outside the nodes"),
      ].filter { $0.0 > 0 }.map { "\(NumberText.count($0.0, $0.1)) \($0.2)" }
      console.print(style.bold("different") + ": " + parts.joined(separator: ", "))
    }
  }

  private func printSizes(to console: Console) {
    let summary = report.summary
    func change(_ title: String, _ before: Int, _ after: Int) {
      let text =
        before == after
        ? NumberText.count(before) : "\(NumberText.count(before)) → \(NumberText.count(after))"
      console.print("  \(title) \(text)")
    }
    change("nodes     ", summary.nodesBefore, summary.nodesAfter)
    change("parameters", summary.parametersBefore, summary.parametersAfter)
    if !summary.operators.isEmpty {
      let counts = summary.operators.map { "\($0.opType) \($0.before) → \($0.after)" }
      printWrapped("  operators  ", counts, to: console)
    }
  }

  /// Words after `title`, broken between two of them where the terminal ends.
  func printWrapped(_ title: String, _ words: [String], to console: Console) {
    let indentation = String(repeating: " ", count: min(title.count, 20))
    var line = title
    // A long subject has its line to itself.
    if let first = words.first, title.count + first.count > TerminalTable.width {
      console.print(String(title.reversed().drop { $0 == " " }.reversed()))
      line = indentation
    }
    for (index, word) in words.enumerated() {
      if index > 0, line.count + word.count + 2 > TerminalTable.width {
        console.print(line + ",")
        line = indentation + word
      } else {
        line += index > 0 ? ", " + word : word
      }
    }
    console.print(line)
  }

  private func printHeader(to console: Console) {
    guard !report.header.isEmpty else { return }
    title("outside the nodes", report.header.count, to: console)
    var remaining = report.header[...]
    while let first = remaining.first {
      // Stateful normalisations bring ports by the hundred.
      let alike = remaining.prefix { $0.isAlike(first) }
      let shown = alike.count > Self.longestOfOneKind ? alike.prefix(3) : alike
      for change in shown {
        let subject =
          change.subject.isEmpty ? "" : " '\(TerminalTable.shortened(change.subject, to: 40))'"
        console.print("  \(change.kind.rawValue)\(subject): \(sides(change.before, change.after))")
      }
      if shown.count < alike.count {
        let count = NumberText.count(alike.count - shown.count)
        console.print("  ... and \(count) more of this kind (--json has all)")
      }
      remaining = remaining.dropFirst(alike.count)
    }
  }

  private func printNodes(
    _ what: String, _ nodes: [DiffReport.NodeLabel], _ mark: String, to console: Console
  ) {
    guard !nodes.isEmpty else { return }
    title(what, nodes.count, to: console)
    for node in nodes.prefix(Self.longest) {
      let line = "  \(mark) \(word(node))" + (node.place.map { " (\($0))" } ?? "")
      console.print(mark == "+" ? console.style.good(line) : console.style.bad(line))
    }
    more(nodes.count, to: console)
  }

  private func printChanges(to console: Console) {
    guard !report.changed.isEmpty else { return }
    title("changed", report.changed.count, to: console)
    for change in report.changed.prefix(Self.longest) {
      console.print("  " + word(change.before) + (change.before.place.map { " (\($0))" } ?? ""))
      for detail in change.attributes + change.inputs + change.outputs + change.types {
        console.print("      \(detail.subject): \(sides(detail.before, detail.after))")
      }
    }
    more(report.changed.count, to: console)
  }

  private func printConstants(to console: Console) {
    if !report.constantsChanged.isEmpty {
      title("initializers changed", report.constantsChanged.count, to: console)
      var table = TerminalTable([
        ("initializer", .left), ("type", .left), ("changed", .right), ("max", .right),
        ("mean", .right), ("relative norm", .right), ("cosine", .right),
      ])
      for change in report.constantsChanged.prefix(Self.longest) { table.add(row(change)) }
      for line in table.lines(console.style) { console.print("  " + line) }
      more(report.constantsChanged.count, to: console)
    }
    for (what, constants) in [
      ("initializers removed", report.constantsRemoved),
      ("initializers added", report.constantsAdded),
    ] where !constants.isEmpty {
      title(what, constants.count, to: console)
      for constant in constants.prefix(Self.longest) {
        console.print("  '\(TerminalTable.shortened(constant.name, to: 60))' \(constant.type)")
      }
      more(constants.count, to: console)
    }
  }

  private func row(_ change: DiffReport.ConstantChange) -> [TerminalTable.Cell] {
    let type =
      change.typeBefore == change.typeAfter
      ? change.typeBefore : "\(change.typeBefore) → \(change.typeAfter)"
    guard let delta = change.delta else {
      return [.init(change.name), .init(type), "", "", "", "", ""]
    }
    let relative = delta.normBefore > 0 ? delta.norm / delta.normBefore : Double.infinity
    return [
      .init(change.name), .init(type),
      .init("\(NumberText.count(delta.changedCount))/\(NumberText.count(delta.count))"),
      .init(NumberText.error(delta.maxAbsolute)), .init(NumberText.error(delta.meanAbsolute)),
      .init(NumberText.error(relative)),
      .init(delta.cosine.map { NumberText.fixed($0, digits: 6) } ?? "-"),
    ]
  }

  private func printRenamings(to console: Console) {
    let summary = report.summary
    if summary.nodesRenamed > 0 {
      title("renamed", summary.nodesRenamed, to: console)
      for renaming in report.renamed.prefix(10) {
        let (a, b) = (renaming.before, renaming.after)
        console.print(
          "  \(a.opType) '\(TerminalTable.shortened(a.name, to: 38))' → "
            + "'\(TerminalTable.shortened(b.name, to: 38))'")
      }
      if report.renamed.count > 10 {
        console.print("  ... and \(NumberText.count(report.renamed.count - 10)) more")
      }
    }
    if summary.nodesMoved > 0 {
      console.print()
      console.print(
        "\(NumberText.count(summary.nodesMoved, "node")) in another place of the order")
    }
  }

  func title(_ text: String, _ count: Int, to console: Console) {
    console.print()
    console.print(console.style.bold("\(text) (\(NumberText.count(count)))"))
  }

  func more(_ count: Int, to console: Console) {
    if count > Self.longest {
      console.print("  ... and \(NumberText.count(count - Self.longest)) more (--json has all)")
    }
  }

  func word(_ node: DiffReport.NodeLabel) -> String {
    "\(node.opType) '\(TerminalTable.shortened(node.name, to: 60))'"
  }

  func words(_ nodes: [DiffReport.NodeLabel]) -> String {
    guard nodes.count > 2 else { return nodes.map(word).joined(separator: ", ") }
    return word(nodes[0]) + " to " + word(nodes[nodes.count - 1]) + " (\(nodes.count) nodes)"
  }

  /// Operators in order of first occurrence: `Reshape × 2`, `Sub`.
  func operators(_ nodes: [DiffReport.NodeLabel]) -> [String] {
    var counts: [(name: String, count: Int)] = []
    for node in nodes {
      if let index = counts.firstIndex(where: { $0.name == node.opType }) {
        counts[index].count += 1
      } else {
        counts.append((node.opType, 1))
      }
    }
    return counts.map { $0.count == 1 ? $0.name : "\($0.name) × \($0.count)" }
  }

  private func sides(_ before: String?, _ after: String?) -> String {
    switch (before, after) {
    case (let before?, let after?): "\(short(before)) → \(short(after))"
    case (let before?, nil): "\(short(before)) removed"
    case (nil, let after?): "\(short(after)) added"
    case (nil, nil): ""
    }
  }

  private func short(_ text: String) -> String {
    TerminalTable.shortened(text.isEmpty ? "''" : text, to: 38)
  }
}

extension HeaderChange {
  /// True where both were added, removed or changed.
  fileprivate func isAlike(_ other: HeaderChange) -> Bool {
    kind == other.kind && (before == nil) == (other.before == nil)
      && (after == nil) == (other.after == nil)
  }
}
