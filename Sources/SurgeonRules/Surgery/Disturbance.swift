/// How a value will differ once the normalisation that computes it is another: what the replacement
/// does by itself, known for each sample, and what comes from replacements before it, of which only
/// the size is predicted.
///
/// Running what comes behind on a value so disturbed tells what a sigmoid, a softmax or a sum makes of
/// the difference.
public struct Disturbance: Sendable {
  /// For each sample, in order: the affine of each channel.
  public var changes: [ChannelAffine]
  /// The deviation of each channel over all samples.
  public var deviations: [Double]
  /// Relative difference, squared, that is predicted to come from replacements before this one.
  public var arriving: Double

  public init(changes: [ChannelAffine], deviations: [Double], arriving: Double) {
    self.changes = changes
    self.deviations = deviations
    self.arriving = arriving
  }

  /// One sample of the value as it will be.
  ///
  /// What is not known is drawn: for each channel a factor of its deviation within the sample, and a
  /// shift. These are the two changes that normalisations make, and unlike noise that is drawn for
  /// every position, later means over positions do not remove them.
  ///
  /// - Parameters:
  ///   - numbers: [C, D1, ..., Dk], row-major.
  ///   - index: which sample it is.
  ///   - normal: draws numbers of mean 0 and variance 1.
  public func applied(
    to numbers: [Double], sample index: Int, normal: () -> Double
  ) -> [Double] {
    let change = changes[index]
    let channels = deviations.count
    let positions = numbers.count / max(channels, 1)
    guard positions > 0 else { return numbers }
    var result = numbers
    var drawn = numbers
    var (power, unknown) = (0.0, 0.0)
    for channel in 0..<channels {
      let members = (channel * positions)..<((channel + 1) * positions)
      let mean = numbers[members].reduce(0, +) / Double(positions)
      let (factor, shift) = (normal(), normal() * deviations[channel])
      for index in members {
        result[index] = change.slope[channel] * numbers[index] + change.intercept[channel]
        drawn[index] = factor * (numbers[index] - mean) + shift
        power += numbers[index] * numbers[index]
        unknown += drawn[index] * drawn[index]
      }
    }
    guard unknown > 0 else { return result }
    let gain = (arriving * power / unknown).squareRoot()
    for index in result.indices { result[index] += gain * drawn[index] }
    return result
  }
}
