internal import SurgeonIR
internal import SurgeonLibc

/// Arithmetic of shapes that survives any numbers a model may hold.
enum Sizes {
  /// More elements than this machine's memory holds beside the tables that moving them needs
  /// (some words for each). The system would grant more, and stop the process when it is used.
  private static let limit = max(
    1 << 20, Machine.installedMemory / 32)

  /// The number of elements.
  ///
  /// - Throws: `invalidNode` for a negative size and for more elements than this machine's memory holds;
  ///   of a tensor without elements, those of its part without the empty dimensions.
  static func count(_ shape: [Int]) throws(SurgeonError) -> Int {
    guard let product = shape.productWithoutZeros, product <= limit else {
      throw SurgeonError(.invalidNode, "no tensor can have the shape \(shape)")
    }
    return shape.contains(0) ? 0 : product
  }

  /// The axis that a possibly negative number means.
  static func axis(_ axis: Int, rank: Int) throws(SurgeonError) -> Int {
    guard axis >= -rank, axis < rank else {
      throw SurgeonError(.invalidNode, "axis \(axis) is none of a tensor of rank \(rank)")
    }
    return axis < 0 ? axis + rank : axis
  }

  /// The same for several axes, which must differ.
  static func axes(_ axes: [Int], rank: Int) throws(SurgeonError) -> [Int] {
    var result: [Int] = []
    for number in axes {
      let axis = try axis(number, rank: rank)
      guard !result.contains(axis) else {
        throw SurgeonError(.invalidNode, "axis \(axis) is named twice")
      }
      result.append(axis)
    }
    return result
  }

  /// True where so many channels fall into `groups` groups of one size. No number of groups beyond
  /// that of the channels passes, so that products with it do not overflow.
  static func splits(_ channels: Int, into groups: Int) -> Bool {
    groups > 0 && groups <= max(1, channels) && channels % groups == 0
  }

  /// Elements before, along and after an axis: a tensor seen as three nested loops.
  static func split(_ shape: [Int], at axis: Int) -> (outer: Int, size: Int, inner: Int) {
    (shape[..<axis].reduce(1, *), shape[axis], shape[(axis + 1)...].reduce(1, *))
  }

  /// The shape that both broadcast to (the standard's multidirectional broadcasting).
  static func broadcast(_ a: [Int], _ b: [Int]) throws(SurgeonError) -> [Int] {
    let rank = max(a.count, b.count)
    var result: [Int] = []
    for axis in 0..<rank {
      let left = axis - (rank - a.count) >= 0 ? a[axis - (rank - a.count)] : 1
      let right = axis - (rank - b.count) >= 0 ? b[axis - (rank - b.count)] : 1
      guard left == right || left == 1 || right == 1 else {
        throw SurgeonError(.invalidNode, "shapes \(a) and \(b) do not broadcast")
      }
      result.append(left == 1 ? right : left)
    }
    return result
  }

  /// The strides with which a tensor of `shape` is read as one of shape `target`: 0 where it
  /// repeats.
  static func broadcastStrides(_ shape: [Int], to target: [Int]) -> [Int] {
    let own = shape.rowMajorStrides
    let missing = target.count - shape.count
    return target.indices.map { axis in
      axis < missing || shape[axis - missing] == 1 ? 0 : own[axis - missing]
    }
  }
}
