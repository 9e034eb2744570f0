public import SurgeonIR
public import SurgeonRules

/// How the BatchNormalizations before the one that is measured normalise.
public enum CalibrationMode: String, Sendable, Codable, CaseIterable {
  /// With the statistics that were measured for them. Exact: the same numbers as training-mode
  /// normalisation of the whole set as one batch.
  case sequential
  /// As the model does now: one pass over the data for all.
  case joint
}

/// What was measured so far, in the form of a statistics file.
public struct CollectedStatistics: Sendable, Codable, Equatable {
  /// One part of the data, counted from 1.
  public struct Shard: Sendable, Codable, Hashable {
    public var index: Int
    public var count: Int

    public init(index: Int, count: Int) {
      self.index = index
      self.count = count
    }
  }

  /// What the statistics were measured with and on, as fingerprints: work does not go on with other
  /// weights or other data.
  public struct Origin: Sendable, Codable, Hashable {
    public var model: String
    public var data: String
  }

  /// The moments of one BatchNormalization's input.
  public struct Entry: Sendable, Codable, Equatable {
    public var name: String
    public var group: Int
    /// Elements per channel.
    public var count: Double
    public var mean: [Double]
    /// Sum of squared deviations from the mean.
    public var m2: [Double]

    public var moments: Moments { Moments(count: count, mean: mean, m2: m2) }

    init(name: String, group: Int, _ moments: Moments) {
      self.name = name
      self.group = group
      count = moments.count
      mean = moments.mean
      m2 = moments.m2
    }
  }

  static let currentVersion = 1

  public var version = Self.currentVersion
  public var mode: CalibrationMode
  /// Nil where it was not recorded, and in files of versions that did not write it.
  public var origin: Origin?
  /// Groups of which all data have been measured. In joint mode all sites are one group.
  public var completeGroups = 0
  public var groupCount: Int
  /// The part of the data that the group in work was measured on; nil for all.
  public var shard: Shard?
  /// Samples that the group in work has seen.
  public var samples = 0
  /// True where the group in work has seen all its samples.
  public var isPartComplete = false
  public var entries = StatisticsEntries()

  init(mode: CalibrationMode, groupCount: Int, origin: Origin?) {
    self.mode = mode
    self.groupCount = groupCount
    self.origin = origin
  }

  /// True where nothing is left to measure.
  public var isComplete: Bool { completeGroups == groupCount }

  public func entry(_ name: String) -> Entry? { entries[name] }

  mutating func set(_ moments: Moments, of name: String, group: Int) {
    entries.set(Entry(name: name, group: group, moments))
  }

  mutating func finishGroup() {
    completeGroups += 1
    shard = nil
    samples = 0
    isPartComplete = false
  }

  /// Puts the parts of one round together.
  ///
  /// - Throws: `invalidData` where a part is missing, unfinished or given twice, or the files are
  ///   not of one round of one model.
  public static func merged(_ parts: [CollectedStatistics]) throws(SurgeonError)
    -> CollectedStatistics
  {
    func failure(_ detail: String) -> SurgeonError {
      SurgeonError(.invalidData, "the statistics do not belong together", detail: detail)
    }
    let sorted = parts.sorted { ($0.shard?.index ?? 0) < ($1.shard?.index ?? 0) }
    guard var result = sorted.first, let count = result.shard?.count else {
      throw failure("they are not measured with --shard")
    }
    let indices = sorted.map { $0.shard?.index ?? 0 }
    guard sorted.allSatisfy({ $0.shard?.count == count }), indices.count == count,
      indices.enumerated().allSatisfy({ $0.offset + 1 == $0.element })
    else {
      let given = indices.map(String.init).joined(separator: ", ")
      throw failure("shards \(given) are given where 1 to \(count) are needed, each once")
    }
    guard result.samples > 0 else { throw failure("shard 1 holds no samples") }
    for part in sorted {
      guard part.isPartComplete else {
        throw failure("shard \(part.shard?.index ?? 0) is not finished")
      }
      guard part.mode == result.mode, part.groupCount == result.groupCount,
        part.completeGroups == result.completeGroups,
        part.samples == 0 || part.channelCounts == result.channelCounts
      else { throw failure("they are from different rounds or different models") }
      if let origin = part.origin, let first = result.origin, origin != first {
        throw failure(
          "shard \(part.shard?.index ?? 0) was measured "
            + (origin.model == first.model ? "on other data" : "with another model")
            + " than shard 1")
      }
    }
    let group = result.completeGroups
    for part in sorted.dropFirst() {
      for entry in part.entries where entry.group == group || result.mode == .joint {
        let before = result.entry(entry.name)?.moments
        result.set(
          before?.merged(with: entry.moments) ?? entry.moments, of: entry.name, group: entry.group)
      }
    }
    result.finishGroup()
    return result
  }
}

extension CollectedStatistics {
  private var channelCounts: [String: Int] {
    Dictionary(entries.map { ($0.name, $0.mean.count) }, uniquingKeysWith: { $1 })
  }

  /// What cannot be true of statistics that were measured; nil where all can.
  var flaw: String? {
    guard (0...max(0, groupCount)).contains(completeGroups), groupCount >= 0, samples >= 0 else {
      return "\(completeGroups) of \(groupCount) groups, \(samples) samples"
    }
    if let shard, shard.index < 1 || shard.index > shard.count {
      return "shard \(shard.index) of \(shard.count)"
    }
    if Set(entries.map(\.name)).count < entries.count { return "a node stands there twice" }
    for entry in entries {
      let isSound =
        entry.mean.count == entry.m2.count && entry.count > 0 && entry.count.isFinite
        && entry.mean.allSatisfy(\.isFinite) && entry.m2.allSatisfy { $0 >= 0 && $0.isFinite }
      if !isSound { return "the moments of '\(entry.name)'" }
    }
    return nil
  }
}
