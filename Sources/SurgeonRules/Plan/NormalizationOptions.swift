public import SurgeonIR

/// What is to become of a BatchNormalization.
public struct NormalizationOptions: Sendable, Hashable {
  public enum Target: String, Sendable, CaseIterable {
    case frozen, welford, running, groupnorm, layernorm, instancenorm, batchnorm
    /// Left as it is.
    case keep

    /// True for group, layer and instance normalisation.
    public var isGroup: Bool {
      switch self {
      case .groupnorm, .layernorm, .instancenorm: true
      case .frozen, .welford, .running, .batchnorm, .keep: false
      }
    }
  }

  /// How frozen statistics are spelled.
  public enum Form: String, Sendable, CaseIterable {
    case affine, split, fold
  }

  /// How many groups a group normalisation has.
  public enum Grouping: Sendable, Hashable {
    /// The count with the smallest predicted damage.
    case automatic
    case groups(Int)
    case channelsPerGroup(Int)
  }

  /// Where gamma and beta of a group normalisation come from.
  public enum Match: String, Sendable, CaseIterable {
    /// Moment matching with the running statistics.
    case moments
    /// gamma and beta as they are.
    case copy
    /// A least-squares fit to what the BatchNormalization gives on sample data.
    case data
  }

  /// The targets that look at an option, by its key in a plan; empty for keys that every entry may have.
  public static func targets(lookingAt key: String) -> [Target] {
    switch key {
    case "form": [.frozen]
    case "count", "max-count", "count-unit", "as-function": [.welford]
    case "init", "normalize-with": [.welford, .running]
    case "momentum": [.running]
    case "groups", "channels-per-group": [.groupnorm]
    case "match-by", "ops": [.groupnorm, .layernorm, .instancenorm]
    default: []
    }
  }

  public var target: Target
  public var form: Form
  public var welford: WelfordOptions
  /// Whether Welford's recurrence is one call of a function of the model (`WelfordFunction`) in
  /// place of the operators that it takes.
  public var callsFunction: Bool
  /// Weight of the old statistics per sample for `running`; the node's own where nil.
  public var momentum: Double?
  public var grouping: Grouping
  public var match: Match
  public var operators: GroupOptions.Operators

  /// True where gamma and beta are fitted to data.
  public var isFittedToData: Bool { target.isGroup && match == .data }

  public init(
    target: Target = .frozen, form: Form = .affine, welford: WelfordOptions = WelfordOptions(),
    callsFunction: Bool = false, momentum: Double? = nil, grouping: Grouping = .automatic,
    match: Match = .moments,
    operators: GroupOptions.Operators = .native
  ) {
    self.target = target
    self.form = form
    self.welford = welford
    self.callsFunction = callsFunction
    self.momentum = momentum
    self.grouping = grouping
    self.match = match
    self.operators = operators
  }

  /// - Throws: `impossible` where options contradict each other.
  public func check() throws(SurgeonError) {
    if target == .welford {
      guard welford.maximum > 0 else {
        throw SurgeonError(.impossible, "a count of \(welford.maximum) remembers nothing")
      }
      if welford.count == .constant, !welford.maximum.isFinite {
        throw SurgeonError(
          .impossible, "a constant count without a maximum never learns",
          hint: "that is --to frozen; a count that grows without a limit is --count capped")
      }
    }
    if callsFunction, target != .welford {
      throw SurgeonError(
        .impossible, "only welford can be written as a function",
        detail: "the target is \(target.rawValue)")
    }
    if target == .running, let momentum, !(0..<1).contains(momentum) {
      throw SurgeonError(
        .impossible, "a momentum of \(momentum) is not from 0 to below 1",
        detail: "it is the weight of the old statistics for each sample")
    }
    switch grouping {
    case .automatic: break
    case .groups(let count), .channelsPerGroup(let count):
      guard count > 0 else { throw SurgeonError(.impossible, "a group count is above 0") }
    }
  }
}
