internal import SurgeonRewrite

/// What `surgeon why --json` prints.
struct WhyDocument: Encodable {
  struct Obstacle: Encodable {
    var kind: String
    var reason: String
    var element: String
    var location: String?
    var place: String?
    var readers: [String]
    var remedy: String?

    init(_ blocker: Blocker) {
      kind =
        switch blocker.kind {
        case .condition: "condition"
        case .constraint: "constraint"
        case .structure: "structure"
        }
      reason = blocker.reason
      element = blocker.element
      location = blocker.location.map { "\($0)" }
      place = blocker.place
      readers = blocker.readers
      remedy = blocker.remedy
    }
  }

  struct Trace: Encodable {
    var rule: String
    var summary: String
    var node: String
    var opType: String
    var applies: Bool
    var foundOperators: Int
    var operators: Int
    var blockers: [Obstacle]

    init(_ trace: MatchTrace) {
      rule = trace.rule
      summary = trace.summary
      node = trace.subjectName
      opType = trace.subjectOperator
      applies = trace.applies
      foundOperators = trace.foundOperators
      operators = trace.operators
      blockers = trace.blockers.map(Obstacle.init)
    }
  }

  var model: String
  var traces: [Trace]

  init(model: String, _ traces: [MatchTrace]) {
    self.model = model
    self.traces = traces.map(Trace.init)
  }
}
