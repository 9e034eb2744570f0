internal import SurgeonRewrite
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonVerify

/// What a rewrite did, what its verification showed, and what follows from both.
struct RewriteOutcome {
  /// How a verification is to be read.
  enum Promise {
    /// The outputs are the same within rounding.
    case equality
    /// The outputs differ, and by how much is what there is to know.
    case measured(reason: String)
  }

  let path: String
  let report: SurgeryReport
  let precision: SessionOptions.Precision
  /// Where the samples came from; nil for random ones.
  var inputsPath: String?
  /// What rules of files, of the tool or named ones did before the surgery.
  var rules: RewriteReport?
  /// nil where none was asked for, or nothing changed.
  var verification: VerificationReport?
  /// nil where nothing was written.
  var outputPath: String?
  /// Whether every application that was not certified is named, or only their number.
  var namesUncertified = false
  /// Why rules did not apply to the rewritten model; nil where nobody asked.
  var nearMisses: [MatchTrace]?
  var warnings: [String] = []

  init(path: String, report: SurgeryReport, precision: SessionOptions.Precision) {
    self.path = path
    self.report = report
    self.precision = precision
  }

  /// What the damage of group normalisations was predicted from; nil where there are none.
  enum DamageSource {
    case statistics
    case noise(samples: Int)
    case inputs(path: String, samples: Int)
  }

  var damageSource: DamageSource? {
    guard report.rows.contains(where: { $0.group != nil }) else { return nil }
    guard let samples = report.damageSamples else { return .statistics }
    return inputsPath.map { .inputs(path: $0, samples: samples) } ?? .noise(samples: samples)
  }

  /// Whether statistics that kept running were turned back into constants.
  var isWayBack: Bool {
    report.applications.contains {
      ["stateful-to-batchnorm", "call-to-batchnorm"].contains($0.rule)
    }
  }

  var isChange: Bool { !report.applications.isEmpty }

  /// What the applied rules promise about the outputs of one run.
  var promise: Promise {
    switch report.fidelity {
    case .exact, .rounding: return .equality
    case .approximate: return .measured(reason: "the function changes")
    case .stateful:
      if isWayBack { return .measured(reason: "the statistics no longer move") }
      let stateful = report.rows.filter {
        [.welford, .running].contains($0.options.target) && $0.isRewritten
      }
      let isFrozenAtStart = stateful.allSatisfy {
        $0.options.welford.normalization == .previous && $0.options.welford.start == .pretrained
      }
      return isFrozenAtStart
        ? .equality : .measured(reason: "the statistics move with the first batch")
    }
  }

  /// False where something promised was broken.
  var holds: Bool {
    guard report.failures.isEmpty else { return false }
    guard let verification else { return true }
    switch promise {
    case .equality: return verification.holds
    case .measured:
      return verification.outputsOnlyBefore.isEmpty
        && verification.outputs.allSatisfy {
          $0.finding != .incomparable && $0.drift.nonFiniteMismatches == 0
        }
    }
  }
}
