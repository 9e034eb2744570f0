internal import SurgeonVerify

/// How the winners of a classifier changed, in a line or two.
enum ArgmaxText {
  static func lines(_ change: ArgmaxChange, output: String) -> [String] {
    let places = NumberText.count(change.positions, "winner")
    let classes = NumberText.count(change.classes)
    let subject = "top-1 of '\(TerminalTable.shortened(output, to: 40))'"
    guard change.changed > 0 else {
      return [
        change.positions == 1
          ? "\(subject): the same of \(classes) classes"
          : "\(subject): all \(places) of \(classes) classes kept"
      ]
    }
    let share = NumberText.short(100 * Double(change.changed) / Double(change.positions))
    let flips = change.flips.prefix(4).map { flip in
      "\(flip.from) → \(flip.to)" + (flip.count > 1 ? " × \(NumberText.count(flip.count))" : "")
    }
    let more = change.flips.count > 4 ? ", ..." : ""
    return [
      "\(subject): \(NumberText.count(change.changed)) of \(places) changed (\(share) %)",
      "  class " + flips.joined(separator: ", ") + more,
      "  the largest lead that was lost: \(NumberText.short(change.largestLostLead))",
    ]
  }
}
