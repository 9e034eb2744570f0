public import SurgeonIR
internal import SurgeonRules
internal import SurgeonShapes

/// The state of one BatchNormalization's parameters.
public struct NormalizationHealth: Sendable {
  /// Something about it that a user should know.
  public struct Finding: Sendable, Hashable {
    public enum Kind: String, Sendable {
      /// It normalises with the statistics of the batch.
      case trainingMode = "training-mode"
      /// A parameter is computed, or its numbers cannot be read.
      case notConstant = "not-constant"
      /// NaN or infinite parameters.
      case notFinite = "not-finite"
      /// A running variance below zero.
      case negativeVariance = "negative-variance"
      /// A channel that never varied: nothing but epsilon keeps it from dividing by zero.
      case zeroVariance = "zero-variance"
      /// A running variance below epsilon, which then decides the scale.
      case tinyVariance = "tiny-variance"
      /// A running mean of many standard deviations: subtracting it loses as many digits.
      case hugeMean = "huge-mean"
      /// gamma is zero, or next to the others as good as zero: the output is beta.
      case deadChannel = "dead-channel"
      /// Another BatchNormalization reads the same constant.
      case sharedParameters = "shared-parameters"
    }

    public var kind: Kind
    /// What there is to see, in words.
    public var message: String
    /// How many channels it concerns; nil where it concerns the node.
    public var channels: Int?
  }

  public var node: Node.ID
  /// The node's name, or that of its first output.
  public var name: String
  public var channels: Int?
  /// The rank of the input, where it is known.
  public var rank: Int?
  public var isTraining: Bool
  public var epsilon: Double
  public var momentum: Double
  public var findings: [Finding]

  /// A mean of this many standard deviations costs Float32 two of its seven digits.
  private static let hugeMean = 100.0
  /// A gamma below this part of the largest one does nothing.
  private static let deadScale = 1e-6

  /// nil where the node is no BatchNormalization.
  init?(_ node: Node.ID, in model: Model, types: TypeTable) throws(SurgeonError) {
    guard model[node].opType == "BatchNormalization" else { return nil }
    self.node = node
    name = model.label(of: node)
    findings = []
    let norm: BatchNormalization
    do {
      guard let read = try BatchNormalization(node, in: model) else { return nil }
      norm = read
    } catch {
      (isTraining, epsilon, momentum) = (false, 0, 0)
      findings = [Finding(kind: .notConstant, message: Self.text(error))]
      return
    }
    rank = types.rank(norm.input)
    isTraining = norm.isTraining
    epsilon = norm.epsilon
    momentum = norm.momentum
    if case .training(let evidence) = norm.mode {
      findings.append(Finding(kind: .trainingMode, message: "training mode: \(evidence)"))
    }
    do {
      let gamma = try Self.numbers(norm.gamma, "gamma", in: model)
      let mean = try Self.numbers(norm.mean, "mean", in: model)
      let variance = try Self.numbers(norm.variance, "var", in: model)
      let beta = try Self.numbers(norm.beta, "beta", in: model)
      channels = gamma.count
      findings += check(gamma: gamma, beta: beta, mean: mean, variance: variance)
    } catch {
      findings.append(Finding(kind: .notConstant, message: Self.text(error)))
    }
    findings += Self.shared([norm.gamma, norm.beta, norm.mean, norm.variance], node, in: model)
  }

  private func check(
    gamma: [Double], beta: [Double], mean: [Double], variance: [Double]
  ) -> [Finding] {
    var findings: [Finding] = []
    func note(_ kind: Finding.Kind, _ count: Int, _ what: String) {
      guard count > 0 else { return }
      let channels = count == 1 ? "1 channel" : "\(count) channels"
      findings.append(Finding(kind: kind, message: "\(what) in \(channels)", channels: count))
    }
    let broken = (gamma + beta + mean + variance).count { !$0.isFinite }
    if broken > 0 {
      findings.append(
        Finding(kind: .notFinite, message: "\(broken) NaN or infinite parameters"))
    }
    note(.negativeVariance, variance.count { $0 < 0 }, "variance below zero")
    note(.zeroVariance, variance.count { $0 == 0 }, "zero variance")
    note(.tinyVariance, variance.count { $0 > 0 && $0 < epsilon }, "variance below epsilon")
    note(
      .hugeMean,
      zip(mean, variance).count { mean, variance in
        variance > 0 && abs(mean) > Self.hugeMean * (variance + epsilon).squareRoot()
      }, "mean above \(Int(Self.hugeMean)) standard deviations")
    let largest = gamma.map(abs).max() ?? 0
    note(.deadChannel, gamma.count { abs($0) <= Self.deadScale * largest }, "gamma of zero")
    return findings
  }

  private static func numbers(
    _ value: Value.ID, _ role: String, in model: Model
  ) throws(SurgeonError) -> [Double] {
    guard let tensor = try model.constant(value, trustsDefaults: true),
      let numbers = try tensor.float64Elements()
    else {
      throw SurgeonError(.impossible, "\(role) '\(model[value].name)' is not a constant")
    }
    return numbers
  }

  private static func shared(
    _ parameters: [Value.ID], _ node: Node.ID, in model: Model
  ) -> [Finding] {
    var others: Set<Node.ID> = []
    for parameter in parameters {
      for case let reader? in model[parameter].uses.map(\.node)
      where reader != node && model[reader].opType == "BatchNormalization" {
        others.insert(reader)
      }
    }
    guard let first = others.min() else { return [] }
    let more = others.count > 1 ? " and \(others.count - 1) more" : ""
    return [
      Finding(
        kind: .sharedParameters,
        message: "shares parameters with '\(model.label(of: first))'\(more)")
    ]
  }

  private static func text(_ error: SurgeonError) -> String {
    error.detail.map { "\(error.message): \($0)" } ?? error.message
  }
}
