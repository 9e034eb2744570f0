internal import SurgeonRules
internal import SurgeonRuntime

extension Moments {
  /// What the runtime has measured of a value, every element of a channel counted.
  init(_ measured: ChannelMoments) {
    self.init(count: measured.count, mean: measured.mean, m2: measured.m2)
  }
}
