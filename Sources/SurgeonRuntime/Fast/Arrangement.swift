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
    var strides = Array(repeating: 0, count: shape.count)
    var next = 1
    for axis in order(rank: shape.count).reversed() {
      strides[axis] = next
      next *= max(1, shape[axis])
    }
    return strides
  }

  /// Dimensions from the slowest to the fastest.
  func order(rank: Int) -> [Int] {
    guard self == .channelsLast, rank > 2 else { return Array(0..<rank) }
    return [0] + (2..<rank) + [1]
  }

  /// True where elements of `shape` with these strides stand in this order without gaps.
  func matches(shape: [Int], strides: [Int]) -> Bool {
    var next = 1
    for axis in order(rank: shape.count).reversed() where shape[axis] != 1 {
      guard strides[axis] == next else { return false }
      next *= shape[axis]
    }
    return true
  }
}
