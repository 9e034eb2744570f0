/// Float32 numbers and their places as integers, of which the largest is the best: of equal numbers
/// the one with the lower index, and what is no number counts as larger than all numbers.
struct OrderKeys {
  private var keys: [UInt64]
  /// How many `next` has given.
  private var taken = 0

  /// - Parameter isIncluded: tells which numbers are looked at.
  init(
    _ x: UnsafePointer<Float>, count: Int, where isIncluded: (Float) -> Bool
  ) {
    keys = [UInt64](unsafeUninitializedCapacity: count) { keys, initialized in
      for index in 0..<count where isIncluded(x[index]) {
        keys[initialized] = Self.key(x[index], index, takesLargest: true)
        initialized += 1
      }
    }
  }

  @inline(__always)
  private static func key(_ number: Float, _ index: Int, takesLargest: Bool) -> UInt64 {
    // Zeros of both signs are equal.
    let number = number + 0
    let bits = number.bitPattern
    let ordered = number.isNaN ? UInt32.max : bits >> 31 == 0 ? bits | 1 << 31 : ~bits
    let rank = takesLargest ? ordered : ~ordered
    return UInt64(rank) << 32 | UInt64(~UInt32(truncatingIfNeeded: index))
  }

  init(_ x: UnsafePointer<Float>, count: Int, stride: Int, takesLargest: Bool) {
    keys = [UInt64](unsafeUninitializedCapacity: count) { keys, initialized in
      for index in 0..<count {
        keys[index] = Self.key(x[index * stride], index, takesLargest: takesLargest)
      }
      initialized = count
    }
  }

  /// The places of the `k` best, the best first.
  consuming func best(_ k: Int) -> [Int] {
    guard k > 0 else { return [] }
    let count = keys.count
    keys.withUnsafeMutableBufferPointer { keys in
      if k <= 128, k < count / 2 {
        Self.bringToFront(k, keys)
      } else if k < count {
        Self.partition(k, keys)
      }
      var front = UnsafeMutableBufferPointer(rebasing: keys[..<k])
      front.sort(by: >)
    }
    return keys[..<k].map { Int(~UInt32(truncatingIfNeeded: $0)) }
  }

  /// The places of the best that are left, up to `k` of them, the best first; they are left no longer.
  mutating func next(_ k: Int) -> [Int] {
    let rest = keys.count - taken
    let count = min(k, rest)
    guard count > 0 else { return [] }
    let start = taken
    taken += count
    keys.withUnsafeMutableBufferPointer { keys in
      let rest = UnsafeMutableBufferPointer(rebasing: keys[start...])
      if count < rest.count { Self.bringToFront(count, rest) }
      var front = UnsafeMutableBufferPointer(rebasing: rest[..<count])
      front.sort(by: >)
    }
    return keys[start..<taken].map { Int(~UInt32(truncatingIfNeeded: $0)) }
  }

  /// A heap of the best so far, the worst of them on top, at the front.
  private static func bringToFront(_ k: Int, _ keys: UnsafeMutableBufferPointer<UInt64>) {
    func sink(_ start: Int) {
      var place = start
      let moved = keys[start]
      while 2 * place + 1 < k {
        var child = 2 * place + 1
        if child + 1 < k, keys[child + 1] < keys[child] { child += 1 }
        guard keys[child] < moved else { break }
        keys[place] = keys[child]
        place = child
      }
      keys[place] = moved
    }
    for start in (0..<k / 2).reversed() { sink(start) }
    for index in k..<keys.count where keys[index] > keys[0] {
      // What leaves the heap may be asked for later.
      keys.swapAt(0, index)
      sink(0)
    }
  }

  /// The `k` largest at the front in any order, after Hoare; all keys differ.
  private static func partition(_ k: Int, _ keys: UnsafeMutableBufferPointer<UInt64>) {
    var (low, high) = (0, keys.count - 1)
    while low < high {
      let (a, b, c) = (keys[low], keys[(low + high) / 2], keys[high])
      let pivot = max(min(a, b), min(max(a, b), c))
      var (i, j) = (low, high)
      while i <= j {
        while keys[i] > pivot { i += 1 }
        while keys[j] < pivot { j -= 1 }
        if i <= j {
          keys.swapAt(i, j)
          i += 1
          j -= 1
        }
      }
      if k <= j { high = j } else if k >= i { low = i } else { return }
    }
  }
}
