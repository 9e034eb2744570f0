internal import SurgeonRewrite
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonVerify

/// What `surgeon rewrite --json` prints.
struct RewriteDocument: Encodable {
  struct Row: Encodable {
    var node: String
    var channels: Int?
    var rank: Int?
    /// `rewritten`, `declined` or `kept`.
    var outcome: String
    var target: String
    var rules: [String]
    var reasons: [String]
    /// What can be done about the reasons, where something can.
    var remedies: [String]
    var notes: [String]
    var trainingMode: String?
    /// Of a group normalisation.
    var groups: Int?
    var groupsReason: String?
    /// Relative RMS difference of the node's output on its original input: from the running
    /// statistics alone, which compares numbers of groups, and from sample data.
    var expectedDamage: Double?
    var ownDamage: Double?
    /// In the rewritten network: predicted from sample data before it ran, and measured.
    var predictedDamage: Double?
    var measuredDamage: Double?

    init(_ row: SurgeryReport.Row) {
      node = row.name
      channels = row.channels
      rank = row.rank
      target = row.options.target.rawValue
      notes = row.notes
      trainingMode = row.trainingEvidence
      groups = row.group?.count
      groupsReason = row.group?.reason
      expectedDamage = row.group?.expectedDamage
      ownDamage = row.group?.ownDamage
      predictedDamage = row.group?.predictedDamage
      measuredDamage = row.group?.measuredDamage
      (rules, reasons, remedies) = ([], [], [])
      switch row.outcome {
      case .rewritten(let applied): (outcome, rules) = ("rewritten", applied)
      case .declined(let given):
        outcome = "declined"
        reasons = given.map(\.text)
        remedies = given.compactMap(\.remedy)
      case .kept: outcome = "kept"
      }
    }
  }

  struct OutputDamage: Encodable {
    var output: String
    var predicted: Double
    var measured: Double
    /// Whose decisions the output is: `Softmax`, `Sigmoid`, ...
    var decidedBy: String?

    init(_ damage: SurgeryReport.Damage) {
      output = damage.output
      decidedBy = damage.decidingOperator
      predicted = damage.predicted
      measured = damage.measured
    }
  }

  struct RuleCount: Encodable {
    var rule: String
    var count: Int
  }

  /// What a rule of a file, of the tool or a named one did before the surgery.
  struct RuleRun: Encodable {
    var rule: String
    var tried: Int
    var nearMisses: Int
    var applied: Int
    var milliseconds: Double

    init(_ statistics: RewriteReport.Statistics) {
      rule = statistics.rule
      tried = statistics.tried
      nearMisses = statistics.nearMisses
      applied = statistics.applied
      milliseconds = Double(statistics.nanoseconds) / 1e6
    }
  }

  struct Failure: Encodable {
    var rule: String
    var node: String
    var detail: String
  }

  var model: String
  /// Null where nothing was written.
  var output: String?
  var holds: Bool
  var fidelity: String
  /// True where the outputs are promised to be equal, false where their error is only measured.
  var promisesEquality: Bool
  var rewritten: Int
  var batchNormalizations: [Row]
  /// Names of the Dropout nodes that were put into inference mode.
  var stoppedDropouts: [String]
  /// What the damage of group normalisations was predicted from: `inputs`, `noise` or `statistics`.
  var damageSource: String?
  var damageSamples: Int?
  /// What group normalisations did to the outputs.
  var outputDamage: [OutputDamage]
  var rules: [RuleCount]
  var ruleRuns: [RuleRun]
  /// Applications that a certificate confirmed.
  var certified: Int
  /// Those that could not or should not be checked, and why.
  var uncertified: [Failure]
  var failures: [Failure]
  var verification: VerificationDocument?
  /// With --explain: what `surgeon why` prints of the rewritten model, the nearest miss first.
  var nearMisses: [WhyDocument.Trace]?
  var warnings: [String]

  init(_ outcome: RewriteOutcome) {
    let report = outcome.report
    model = outcome.path
    output = outcome.outputPath
    holds = outcome.holds
    fidelity = report.fidelity.rawValue
    promisesEquality = if case .equality = outcome.promise { true } else { false }
    rewritten = report.rewrittenCount
    batchNormalizations = report.rows.map(Row.init)
    stoppedDropouts = report.stoppedDropouts
    switch outcome.damageSource {
    case .statistics: damageSource = "statistics"
    case .noise: damageSource = "noise"
    case .inputs: damageSource = "inputs"
    case nil: damageSource = nil
    }
    damageSamples = report.damageSamples
    outputDamage = report.outputDamage.map(OutputDamage.init)
    rules = report.counts.map { RuleCount(rule: $0.rule, count: $0.count) }
    ruleRuns = outcome.rules?.statistics.map(RuleRun.init) ?? []
    certified = report.certified
    uncertified = report.uncertified.map {
      Failure(rule: $0.rule, node: $0.subjectName, detail: $0.detail)
    }
    failures = report.failures.map {
      Failure(rule: $0.rule, node: $0.subjectName, detail: $0.detail)
    }
    verification = outcome.verification.map {
      VerificationDocument($0, precision: outcome.precision.rawValue)
    }
    nearMisses = outcome.nearMisses?.map(WhyDocument.Trace.init)
    warnings = outcome.warnings
  }
}
