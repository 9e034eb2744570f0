internal import SurgeonDiff

/// One thing before and after; a side that it has not is left out.
struct ChangeShape: Encodable {
  var subject: String
  var before: String?
  var after: String?

  init(_ change: DiffReport.Change) {
    subject = change.subject
    before = change.before
    after = change.after
  }
}
