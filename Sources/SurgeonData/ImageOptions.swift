/// How the pixels of an image become a model's input.
///
/// A pixel value p of 0 to 255 becomes (p / 255 - mean) / std, in the order red, green, blue. An
/// input of type uint8 takes the pixels as they are.
public struct ImageOptions: Sendable {
  /// Where the channels stand.
  public enum Layout: String, Sendable, CaseIterable {
    /// [batch, channel, row, column]
    case nchw
    /// [batch, row, column, channel]
    case nhwc
  }

  public struct Size: Sendable, Equatable {
    public var height: Int
    public var width: Int

    public init(height: Int, width: Int) {
      self.height = height
      self.width = width
    }
  }

  /// One number for all channels, or one for each.
  public var mean: [Double] = [0]
  public var std: [Double] = [1]
  /// nil: as the input's shape tells, which has 1 or 3 channels.
  public var layout: Layout?
  /// What to stretch every image to; nil: images must have the size that the model wants, or all
  /// the same where it leaves that open.
  public var size: Size?

  public init() {}

  var isPlain: Bool { mean.allSatisfy { $0 == 0 } && std.allSatisfy { $0 == 1 } }
}
