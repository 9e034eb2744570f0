internal import SurgeonRewrite

/// Near misses as text: a rule at a place, then everything in its way.
struct WhyText {
  let traces: [MatchTrace]
  /// Rules that were asked for and have no place in the model.
  var silent: [RewriteRule] = []

  func print(to console: Console) {
    for rule in silent {
      console.print(
        "\(console.style.bold(rule.name)) finds nothing like \(rule.patternDescription) here")
    }
    guard !traces.isEmpty else {
      if !silent.isEmpty { return }
      console.print(
        "no near miss: every place that a rule is about was rewritten, or there is none")
      return
    }
    for (index, trace) in traces.enumerated() {
      if index > 0 { console.print() }
      print(trace, to: console)
    }
  }

  private func print(_ trace: MatchTrace, to console: Console) {
    let style = console.style
    let place = "\(trace.subjectOperator) '\(trace.subjectName)'"
    guard !trace.applies else {
      console.print("\(style.bold(trace.rule)) \(style.good("applies")) at \(place)")
      return
    }
    console.print(
      "\(style.bold(trace.rule)) does not apply at \(place): "
        + "\(trace.foundOperators) of \(NumberText.count(trace.operators, "operator")) found, "
        + "\(NumberText.count(trace.blockers.count, "thing")) in the way")
    for blocker in trace.blockers { print(blocker, to: console) }
  }

  private func print(_ blocker: Blocker, to console: Console) {
    let style = console.style
    console.print("  - \(blocker.reason)")
    var origin = "\(blocker.element)"
    if let location = blocker.location { origin += " (\(location))" }
    console.print(style.dim("      in the rule: \(origin)"))
    if let place = blocker.place { console.print("      at \(place)") }
    if !blocker.readers.isEmpty {
      let shown = blocker.readers.prefix(5).joined(separator: ", ")
      let more = blocker.readers.count > 5 ? " and \(blocker.readers.count - 5) more" : ""
      console.print("      used by \(shown)\(more)")
    }
    if let remedy = blocker.remedy { console.print("      \(style.hint("hint:")) \(remedy)") }
  }
}
