internal import SurgeonDiff

/// Replacements of one kind under one line, each with its place.
extension DiffText {
  private struct Kind {
    var title: String
    var results: [String]
    var groups: [DiffReport.Replacement] = []
  }

  func printReplacements(to console: Console) {
    guard !report.replaced.isEmpty else { return }
    title("replaced", report.replaced.count, to: console)
    var left = Self.longest
    for kind in kinds where left > 0 {
      if kind.groups.count == 1 {
        printAlone(kind.groups[0], to: console)
      } else {
        printWrapped(
          "  \(NumberText.count(kind.groups.count)) × \(kind.title) ", kind.results, to: console)
        for group in kind.groups.prefix(left) { printPlace(of: group, to: console) }
      }
      left -= kind.groups.count
    }
    more(report.replaced.count, to: console)
  }

  /// In the order of their first groups.
  private var kinds: [Kind] {
    var kinds: [Kind] = []
    var indices: [String: Int] = [:]
    for group in report.replaced {
      let absorbing = operators(group.absorbing)
      var kind = Kind(title: operators(group.removed).joined(separator: ", "), results: [])
      if group.added.isEmpty {
        kind.title += " went into"
        kind.results = absorbing
      } else {
        kind.title += " became"
        kind.results =
          operators(group.added)
          + (absorbing.isEmpty ? [] : ["and " + absorbing.joined(separator: ", ")])
      }
      let key = kind.title + kind.results.joined(separator: ",")
      let index = indices[key] ?? kinds.count
      if index == kinds.count { kinds.append(kind) }
      indices[key] = index
      kinds[index].groups.append(group)
    }
    return kinds
  }

  private func printAlone(_ group: DiffReport.Replacement, to console: Console) {
    let subject = "  " + words(group.removed) + place(of: group)
    if group.added.isEmpty {
      printWrapped(
        subject + " went into ",
        group.absorbing.count > 2 ? [words(group.absorbing)] : group.absorbing.map(word),
        to: console)
    } else {
      let absorbing = group.absorbing.isEmpty ? [] : ["and " + words(group.absorbing)]
      printWrapped(subject + " became ", operators(group.added) + absorbing, to: console)
    }
  }

  private func printPlace(of group: DiffReport.Replacement, to console: Console) {
    var line = "      " + names(group.removed) + place(of: group)
    if !group.absorbing.isEmpty {
      let target = (group.added.isEmpty ? "into " : "and ") + names(group.absorbing)
      if line.count + target.count + 1 > TerminalTable.width {
        console.print(line)
        line = "         " + target
      } else {
        line += " " + target
      }
    }
    console.print(line)
  }

  private func place(of group: DiffReport.Replacement) -> String {
    group.removed.first?.place.map { " (\($0))" } ?? ""
  }

  /// As `words`, without the operators.
  private func names(_ nodes: [DiffReport.NodeLabel]) -> String {
    let quoted = { (node: DiffReport.NodeLabel) in
      "'\(TerminalTable.shortened(node.name, to: 60))'"
    }
    guard nodes.count > 2, let first = nodes.first, let last = nodes.last else {
      return nodes.map(quoted).joined(separator: ", ")
    }
    return "\(quoted(first)) to \(quoted(last)) (\(nodes.count) nodes)"
  }
}
