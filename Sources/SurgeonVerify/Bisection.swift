public import SurgeonData
public import SurgeonIR
public import SurgeonRewrite
public import SurgeonRules

/// Finds the smallest set of rewrites of a plan that breaks a tolerance.
///
/// Each rewrite is tried alone. Where one breaks the tolerance, the worst of them is the answer. Where
/// none does, it is their sum: of the rewrites in the order of their errors the shortest beginning that
/// breaks it, from which every rewrite is taken that it breaks without (a one-minimal set in the sense
/// of Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).
public struct Bisection: Sendable {
  /// One rewrite alone.
  public struct Trial: Sendable {
    /// The node's name, or that of its first output.
    public var name: String
    /// What the node became.
    public var target: NormalizationOptions.Target
    public var report: VerificationReport

    public var breaks: Bool { report.verdict == .different }
  }

  /// Every rewrite of the plan alone, the largest error first.
  public let trials: [Trial]
  /// All together.
  public let whole: VerificationReport
  /// Names of the smallest set that was found; empty where even all together hold.
  public let culprits: [String]
  /// The culprits together; nil where there are none.
  public let joint: VerificationReport?

  /// - Parameters:
  ///   - verifier: with the tolerance in question.
  ///   - samples: for `model`.
  ///   - observer: runs models on the data that a plan with `match-by = "data"` fits to.
  ///   - progress: called with the number of trials that are done and the expected number.
  /// - Throws: what the surgery and the runs throw.
  public init(
    of plan: NormalizationPlan, on model: Model, policy: RewritePolicy = RewritePolicy(),
    verifier: Verifier, samples: any SampleSource, observer: (any SampleObserver)? = nil,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws(SurgeonError) {
    var trial = BisectionTrial(plan, model, policy, verifier, samples, observer)
    let sites = try trial.sites()
    let expected = sites.count + 1
    whole = try trial.report(sites.map(\.name))
    progress(1, expected)
    guard whole.verdict == .different else {
      (trials, culprits, joint) = ([], [], nil)
      return
    }
    var trials: [Trial] = []
    for site in sites {
      trials.append(
        Trial(name: site.name, target: site.target, report: try trial.report([site.name])))
      progress(trials.count + 1, expected)
    }
    trials.sort { $0.report.severity > $1.report.severity }
    self.trials = trials
    if let worst = trials.first, worst.breaks {
      (culprits, joint) = ([worst.name], worst.report)
      return
    }
    (culprits, joint) = try Self.smallestSum(trials.map(\.name), whole, &trial)
  }

  private static func smallestSum(
    _ names: [String], _ whole: VerificationReport, _ trial: inout BisectionTrial
  ) throws(SurgeonError) -> ([String], VerificationReport) {
    // The shortest beginning that breaks: between one that holds and one that does not.
    var (holds, breaks) = (min(1, names.count), names.count)
    var joint = whole
    while breaks - holds > 1 {
      let middle = (holds + breaks) / 2
      let report = try trial.report(Array(names[..<middle]))
      if report.verdict == .different {
        (breaks, joint) = (middle, report)
      } else {
        holds = middle
      }
    }
    var culprits = Array(names[..<breaks])
    for name in culprits.reversed() where culprits.count > 1 {
      let rest = culprits.filter { $0 != name }
      let report = try trial.report(rest)
      if report.verdict == .different { (culprits, joint) = (rest, report) }
    }
    return (culprits, joint)
  }
}

/// Performs parts of a plan and verifies each.
private struct BisectionTrial {
  private let plan: NormalizationPlan
  private let model: Model
  private let policy: RewritePolicy
  private var verifier: Verifier
  private let samples: any SampleSource
  private let observer: (any SampleObserver)?
  /// The nodes that the whole plan rewrites, with what each becomes.
  private var rewritten: [(name: String, target: NormalizationOptions.Target)] = []

  init(
    _ plan: NormalizationPlan, _ model: Model, _ policy: RewritePolicy, _ verifier: Verifier,
    _ samples: any SampleSource, _ observer: (any SampleObserver)?
  ) {
    self.plan = plan
    self.model = model
    self.policy = policy
    self.verifier = verifier
    self.samples = samples
    self.observer = observer
    // The question is one of the tolerance; in Float64 most questions have another answer.
    self.verifier.options.confirmsInDouble = false
  }

  mutating func sites() throws(SurgeonError) -> [(
    name: String, target: NormalizationOptions.Target
  )] {
    var copy = model
    let report = try NormalizationSurgery(plan, policy: policy).perform(
      on: &copy, observing: observer)
    rewritten = report.rows.compactMap { row in
      guard case .rewritten = row.outcome else { return nil }
      return (row.name, row.options.target)
    }
    return rewritten
  }

  func report(_ names: [String]) throws(SurgeonError) -> VerificationReport {
    let wanted = Set(names)
    let others = rewritten.map(\.name).filter { !wanted.contains($0) }.map(Glob.escaped)
    var part = plan
    if !others.isEmpty {
      part.entries.insert(
        .init(only: others, options: NormalizationOptions(target: .keep)), at: 0)
    }
    var changed = model
    _ = try NormalizationSurgery(part, policy: policy).perform(
      on: &changed, observing: observer)
    return try verifier.verify(model, changed, samples: samples)
  }
}
