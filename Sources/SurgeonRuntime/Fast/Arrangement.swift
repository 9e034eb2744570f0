/// How the fast engine arranges a tensor's elements in memory.
enum Arrangement: Hashable {
  /// The standard's: the last dimension varies fastest.
  case rowMajor
  /// The second dimension, a value's channels, varies fastest, then the last. The arrangement in
  /// which oneDNN convolves, pools and normalises fastest, and in which one position's channels
  /// are a vector.
  case channelsLast

  /// Elements from one index of each dimension to the next, for a tensor without gaps.
  func strides(for shape: [Int]) -> [Int] {
    var strides = shape
    var next = 1
    for place in shape.indices.reversed() {
      let axis = axis(at: place, rank: shape.count)
      strides[axis] = next
      next *= max(1, shape[axis])
    }
    return strides
  }

  /// The dimension at a place in the order from the slowest to the fastest.
  func axis(at place: Int, rank: Int) -> Int {
    guard self == .channelsLast, rank > 2, place > 0 else { return place }
    return place == rank - 1 ? 1 : place + 1
  }

  /// Dimensions from the slowest to the fastest.
  func order(rank: Int) -> [Int] { (0..<rank).map { axis(at: $0, rank: rank) } }

  /// True where elements of `shape` with these strides stand in this order without gaps.
  func matches(shape: [Int], strides: [Int]) -> Bool {
    var next = 1
    for place in shape.indices.reversed() {
      let axis = axis(at: place, rank: shape.count)
      let size = shape[axis]
      if size == 1 { continue }
      guard strides[axis] == next else { return false }
      next *= size
    }
    return true
  }
}
