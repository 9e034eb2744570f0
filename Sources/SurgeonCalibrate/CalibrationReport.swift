internal import SurgeonIR
internal import SurgeonRules

/// Old and new statistics of every BatchNormalization.
public struct CalibrationReport: Sendable {
  /// How far one channel moved.
  public struct Channel: Sendable {
    public var index: Int
    public var oldMean: Double
    public var newMean: Double
    public var oldVariance: Double
    public var newVariance: Double
    /// The symmetric Kullback-Leibler divergence of the two normal distributions, in nats.
    public var distance: Double
  }

  public struct Site: Sendable {
    public var name: String
    public var group: Int
    /// Elements per channel that were measured.
    public var count: Double
    public var channelCount: Int
    public var wasTraining: Bool
    /// Channels that never vary over the data.
    public var constantChannels: [Int]
    /// The mean distance over the channels; nil where the old statistics were no constants.
    public var distance: Double?
    /// The channels that moved most, the farthest first.
    public var moved: [Channel]
  }

  public var sites: [Site] = []
  public var skipped: [SkippedSite]

  private static let listedChannels = 3

  init(
    sites: [CalibrationSite], skipped: [SkippedSite], _ statistics: CollectedStatistics,
    in model: Model
  ) throws(SurgeonError) {
    self.skipped = skipped
    for site in sites {
      guard let entry = statistics.entry(site.name) else { continue }
      let variance = entry.moments.variance
      var result = Site(
        name: site.name, group: site.group, count: entry.count, channelCount: entry.mean.count,
        wasTraining: site.norm.isTraining,
        constantChannels: variance.indices.filter { variance[$0] == 0 }, moved: [])
      if let mean = try model.constant(site.norm.mean, trustsDefaults: true)?.float64Elements(),
        let old = try model.constant(site.norm.variance, trustsDefaults: true)?.float64Elements(),
        mean.count == entry.mean.count, old.count == mean.count
      {
        let channels = mean.indices.map { index in
          Channel(
            index: index, oldMean: mean[index], newMean: entry.mean[index],
            oldVariance: old[index], newVariance: variance[index],
            distance: Self.distance(
              mean[index], old[index] + site.norm.epsilon, entry.mean[index],
              variance[index] + site.norm.epsilon))
        }
        result.distance = channels.map(\.distance).reduce(0, +) / Double(max(channels.count, 1))
        result.moved = Self.farthest(of: channels)
      }
      self.sites.append(result)
    }
  }

  /// The channels that are listed, the farthest first; of equals the first. There may be thousands of
  /// channels: they are not sorted for a few of them.
  private static func farthest(of channels: [Channel]) -> [Channel] {
    var result: [Channel] = []
    for channel in channels {
      let place = result.firstIndex { $0.distance < channel.distance } ?? result.endIndex
      guard place < listedChannels else { continue }
      if result.count == listedChannels { result.removeLast() }
      result.insert(channel, at: place)
    }
    return result
  }

  /// J(p, q) = KL(p, q) + KL(q, p) for normal distributions.
  private static func distance(_ m: Double, _ v: Double, _ n: Double, _ w: Double) -> Double {
    guard v > 0, w > 0 else { return .infinity }
    let shift = (m - n) * (m - n)
    return 0.5 * ((v + shift) / w + (w + shift) / v) - 1
  }
}
