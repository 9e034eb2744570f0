internal import SurgeonRewrite

extension NormalizationPlan {
  /// The plan that a surgery followed, with a name for every node and a number for every choice that
  /// was left open. Nodes that follow each other with the same decision share an entry.
  ///
  /// - Parameter dropouts: names of the Dropout nodes that were put into inference mode.
  init(decidedFor rows: [SurgeryReport.Row], stopping dropouts: [String]) {
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
    if !dropouts.isEmpty {
      entries.append(
        Entry(
          only: dropouts.map(Glob.escaped), options: NormalizationOptions(target: .batchnorm)))
    }
    self.init(entries)
  }
}
