/// What running two models with the same inputs showed.
public struct VerificationReport: Sendable {
  /// One output that both models have.
  public struct Output: Sendable {
    public enum Finding: String, Sendable {
      /// The same bits.
      case identical
      case within
      case exceeds
      /// The two cannot be compared number by number.
      case incomparable
    }

    public var name: String
    /// The name in the second model.
    public var nameAfter: String
    public var drift: Drift
    public var tolerance: Tolerance
    public var finding: Finding
    /// Why the two are incomparable.
    public var mismatch: String?
    /// Of scores of classes.
    public var argmax: ArgmaxChange?
  }

  /// The answer in one word.
  public enum Verdict: String, Sendable {
    /// Every output has the same bits.
    case identical
    /// Every output agrees within its tolerance.
    case equal
    /// In the model's own precision some output exceeds its tolerance, and in Float64 none does:
    /// the network amplifies rounding.
    case equalUpToRounding = "equal-up-to-rounding"
    /// Nothing differs, but the outputs are constant: evidence of nothing.
    case inconclusive
    /// Some output exceeds its tolerance.
    case different
  }

  public var outputs: [Output]
  /// Outputs that one model alone has.
  public var outputsOnlyBefore: [String]
  public var outputsOnlyAfter: [String]
  public var samples: Int
  /// The same comparison in Float64, where it was needed to tell rounding from a mistake.
  public var doubleOutputs: [Output]?
  /// Where outputs do not agree: the nodes that draw random numbers for them which no node of the
  /// other model draws, so that the outputs differ by chance alone.
  public var randomNodesBefore: [RandomNode] = []
  public var randomNodesAfter: [RandomNode] = []

  public var verdict: Verdict {
    let fails = outputs.contains { !$0.isGood } || !outputsOnlyBefore.isEmpty
    if fails {
      guard let doubleOutputs, outputsOnlyBefore.isEmpty else { return .different }
      return doubleOutputs.allSatisfy(\.isGood) ? .equalUpToRounding : .different
    }
    if outputs.isEmpty || outputs.allSatisfy(\.drift.isDegenerate) { return .inconclusive }
    return outputs.allSatisfy { $0.finding == .identical } ? .identical : .equal
  }

  /// False where a promise of equality would be broken.
  public var holds: Bool { verdict != .different }

  /// The output with the largest error in relation to its tolerance.
  public var worst: Output? {
    (doubleOutputs ?? outputs).max { $0.severity < $1.severity }
  }

  /// The largest relative error; infinite where outputs cannot be compared.
  var severity: Double { worst?.severity ?? 0 }
}

extension VerificationReport.Output {
  /// True where nothing is wrong with the output.
  public var isGood: Bool { finding == .identical || finding == .within }

  fileprivate var severity: Double {
    finding == .incomparable ? .infinity : drift.relative
  }
}
