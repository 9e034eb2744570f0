internal import SurgeonIR
internal import SurgeonRules

/// Channels that never vary over the data.
///
/// With a measured variance of 0 such a channel is divided by sqrt(epsilon), so that on other data,
/// where it does vary, it would drown all others. That is an error, unless the model's own variance
/// is not larger than epsilon either: then the channel was dead before (as behind a Relu), and the
/// measurement changes nothing.
struct ConstantChannels {
  let name: String
  let indices: [Int]
  /// What the first of them always is.
  let value: Double

  /// nil where all channels of the site vary, or did not vary before.
  init?(
    of site: CalibrationSite, _ entry: CollectedStatistics.Entry, in model: Model
  ) throws(SurgeonError) {
    let old = try model.constant(site.norm.variance, trustsDefaults: true)?.float64Elements()
    let indices = entry.m2.indices.filter { channel in
      guard entry.m2[channel] == 0 else { return false }
      guard let old, channel < old.count else { return true }
      return old[channel] > site.norm.epsilon
    }
    guard let first = indices.first else { return nil }
    name = site.name
    self.indices = indices
    value = entry.mean[first]
  }

  fileprivate var text: String {
    let listed = indices.prefix(4).map(String.init).joined(separator: ", ")
    let more = indices.count > 4 ? ", ..." : ""
    return indices.count == 1
      ? "'\(name)': channel \(listed) is always \(value)"
      : "'\(name)': \(indices.count) channels (\(listed)\(more)), the first is always \(value)"
  }
}

extension Calibrator {
  /// - Throws: `invalidData` where a channel of one of the sites never varies.
  func requireVariation(
    in statistics: CollectedStatistics, at sites: [CalibrationSite]
  ) throws(SurgeonError) {
    guard !options.allowsConstantChannels else { return }
    var found: [ConstantChannels] = []
    for site in sites {
      guard let entry = statistics.entry(site.name),
        let channels = try ConstantChannels(of: site, entry, in: model)
      else { continue }
      found.append(channels)
    }
    guard !found.isEmpty else { return }
    let count = found.map(\.indices.count).reduce(0, +)
    let more = found.count > 3 ? "; and of \(found.count - 3) more nodes" : ""
    throw SurgeonError(
      .invalidData,
      count == 1
        ? "a channel never varies over the data" : "\(count) channels never vary over the data",
      detail: found.prefix(3).map(\.text).joined(separator: "; ") + more,
      hint: "measure more data, or accept a variance of 0 with --allow-constant")
  }
}
