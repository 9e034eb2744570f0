public import SurgeonIR

/// How many groups a group normalisation gets, why, and what it will cost.
public struct GroupChoice: Sendable, Hashable {
  public let groups: Int
  public let reason: String
  /// Relative RMS difference of the node's output to be expected from the running statistics alone.
  public let expectedDamage: Double

  /// - Parameters:
  ///   - positions: D1 * ... * Dk, nil where it is not known.
  ///   - grouping: layer normalisation is one group, instance normalisation as many as channels.
  /// - Throws: `impossible` where the count does not divide the channels, or where a group would
  ///   hold a single number, so that every output would be beta.
  public init(
    _ parameters: BatchNormalizationParameters, positions: Int?,
    grouping: NormalizationOptions.Grouping, isMatched: Bool = true
  ) throws(SurgeonError) {
    let channels = parameters.channelCount
    func damage(_ groups: Int) -> Double {
      GroupDamage.expected(
        parameters, groups: groups, positions: positions, isMatched: isMatched)
    }
    func check(_ groups: Int) throws(SurgeonError) {
      guard groups > 0, channels % groups == 0 else {
        throw SurgeonError(
          .impossible, "\(groups) groups do not divide \(channels) channels",
          detail: "its divisors are "
            + Self.divisors(channels).map { "\($0)" }.joined(separator: ", "))
      }
      if let positions, channels / groups * positions == 1 {
        throw SurgeonError(
          .impossible, "a group would hold one number: every output would be beta",
          detail: "\(channels) channels in \(groups) groups, 1 position")
      }
    }
    switch grouping {
    case .groups(let count):
      try check(count)
      groups = count
      reason =
        switch count {
        case 1: "all \(channels) channels together, as asked"
        case channels: "one for each channel, as asked"
        default: "\(channels / count) channels in each, as asked"
        }
    case .channelsPerGroup(let count):
      guard count > 0, channels % count == 0 else {
        throw SurgeonError(
          .impossible, "groups of \(count) channels do not divide \(channels) channels",
          detail: "its divisors are "
            + Self.divisors(channels).map { "\($0)" }.joined(separator: ", "))
      }
      try check(channels / count)
      groups = channels / count
      reason = "\(count) channels in each, as asked"
    case .automatic:
      let candidates = Self.divisors(channels).filter {
        channels / $0 * (positions ?? 2) > 1
      }
      guard let first = candidates.first else {
        throw SurgeonError(
          .impossible, "a group would hold one number: every output would be beta",
          detail: "1 channel, 1 position")
      }
      var best = (groups: first, damage: damage(first))
      for candidate in candidates.dropFirst() {
        let expected = damage(candidate)
        // More groups must be better by more than the number is worth.
        if expected < 0.98 * best.damage { best = (candidate, expected) }
      }
      groups = best.groups
      let most = candidates.last.map { ($0, damage($0)) } ?? best
      reason =
        most.0 == best.groups
        ? "the only count that leaves a group more than one number"
        : "smallest expected damage of the divisors of \(channels): "
          + "\(Self.text(best.damage)) against \(Self.text(most.1)) with \(most.0)"
    }
    expectedDamage = damage(groups)
  }

  static func divisors(_ number: Int) -> [Int] {
    guard number > 0 else { return [] }
    return (1...number).filter { number % $0 == 0 }
  }

  /// Two digits after the point.
  private static func text(_ damage: Double) -> String {
    let hundredths = Int((damage * 100).rounded())
    let (whole, part) = hundredths.quotientAndRemainder(dividingBy: 100)
    return "\(whole).\(part < 10 ? "0" : "")\(part)"
  }
}
