internal import SurgeonRewrite

extension NormalizationPlan {
  /// The plan that a surgery followed, with a name for every node and a number for every choice that
  /// was left open. Nodes that follow each other with the same decision share an entry.
  init(decidedFor rows: [SurgeryReport.Row]) {
    var entries: [Entry] = []
    for row in rows {
      var options = row.options
      if options.target == .groupnorm, let group = row.group {
        options.grouping = .groups(group.count)
      }
      let pattern = Glob.escaped(row.name)
      if let last = entries.indices.last, entries[last].options == options {
        entries[last].only.append(pattern)
      } else {
        entries.append(Entry(only: [pattern], options: options))
      }
    }
    self.init(entries)
  }
}
