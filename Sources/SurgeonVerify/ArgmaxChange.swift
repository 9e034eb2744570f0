internal import SurgeonIR

/// How the winners of a classifier changed: at how many positions another class has the largest score,
/// and which.
public struct ArgmaxChange: Sendable, Hashable {
  /// A class that won in the first model, and the one that won in its place.
  public struct Flip: Sendable, Hashable {
    public var from: Int
    public var to: Int
    public var count: Int
  }

  /// The axis of the classes.
  public var axis: Int
  public var classes: Int
  /// Winners compared: samples, or samples times places.
  public var positions: Int
  public var changed: Int
  /// The most frequent first, at most ten.
  public var flips: [Flip]
  /// The largest lead, in the first model, of a winner over the class that won in its place: small
  /// where only ties were broken the other way.
  public var largestLostLead: Double

  /// Flips that are listed.
  static let longestList = 10
}

/// Counts positions at which two sets of scores have another winner.
struct ArgmaxMeter {
  private struct Pair: Hashable {
    var from: Int
    var to: Int
  }

  private var axis = 0
  private var classes = 0
  private var positions = 0
  private var lead = 0.0
  private var counts: [Pair: Int] = [:]

  /// nil where nothing was compared that could be scores of classes.
  var result: ArgmaxChange? {
    guard positions > 0 else { return nil }
    let flips = counts.map { ArgmaxChange.Flip(from: $0.from, to: $0.to, count: $1) }.sorted {
      ($1.count, $0.from, $0.to) < ($0.count, $1.from, $1.to)
    }
    return ArgmaxChange(
      axis: axis, classes: classes, positions: positions,
      changed: flips.reduce(0) { $0 + $1.count },
      flips: Array(flips.prefix(ArgmaxChange.longestList)), largestLostLead: lead)
  }

  /// Compares scores where they are: both sets as Float64 would be four times their memory.
  mutating func add<T: BinaryFloatingPoint & Scalar>(
    _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, of _: T.Type, shape: [Int]
  ) {
    let (a, b) = (Scores<T>(bytes: a), Scores<T>(bytes: b))
    guard let axis = a.classAxis(shape: shape) else { return }
    if positions > 0, axis != self.axis || shape[axis] != classes { return }
    (self.axis, classes) = (axis, shape[axis])
    let stride = shape[(axis + 1)...].reduce(1, *)
    for outer in 0..<(shape[..<axis].reduce(1, *)) {
      for inner in 0..<stride {
        let start = outer * classes * stride + inner
        guard let x = a.winner(of: classes, from: start, stride),
          let y = b.winner(of: classes, from: start, stride)
        else { continue }
        positions += 1
        guard x != y else { continue }
        counts[Pair(from: x, to: y), default: 0] += 1
        lead = max(lead, Double(a[start + x * stride]) - Double(a[start + y * stride]))
      }
    }
  }
}

/// Numbers of which the largest ones win.
private struct Scores<T: BinaryFloatingPoint & Scalar> {
  let bytes: UnsafeRawBufferPointer

  subscript(index: Int) -> T {
    // Bytes of a mapped file stand at any address.
    bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<T>.stride, as: T.self)
  }

  /// nil among scores that are no numbers.
  func winner(of classes: Int, from start: Int, _ stride: Int) -> Int? {
    var best = (class: 0, score: self[start])
    for index in 0..<classes {
      let score = self[start + index * stride]
      if score.isNaN { return nil }
      if score > best.score { best = (index, score) }
    }
    return best.class
  }

  /// The axis of the classes: one along which probabilities add up to 1, else the last of up to three
  /// axes, the channels of more.
  func classAxis(shape: [Int]) -> Int? {
    guard let last = shape.indices.last, shape.allSatisfy({ $0 > 0 }) else { return nil }
    let usual = shape.count > 3 ? 1 : last
    let axes = shape.count < 2 ? [0] : Set([1, last]).sorted()
    let probable = axes.first { addsUpToOne(shape, along: $0) }
    let axis = probable ?? usual
    return shape[axis] > 1 ? axis : nil
  }

  private func addsUpToOne(_ shape: [Int], along axis: Int) -> Bool {
    let (count, stride) = (shape[axis], shape[(axis + 1)...].reduce(1, *))
    guard count > 1 else { return false }
    // A few positions tell.
    for inner in 0..<min(stride, 4) {
      var sum = 0.0
      for index in 0..<count {
        let number = Double(self[inner + index * stride])
        guard number >= 0 else { return false }
        sum += number
      }
      guard abs(sum - 1) < 1e-2 else { return false }
    }
    return true
  }
}
