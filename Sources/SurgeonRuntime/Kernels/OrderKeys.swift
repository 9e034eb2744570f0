/// Float32 numbers and their places as integers, of which the largest is the best: of equal numbers
/// the one with the lower index, and what is no number counts as larger than all numbers.
struct OrderKeys {
  private var keys: [UInt64]

  init(_ x: UnsafePointer<Float>, count: Int, stride: Int, takesLargest: Bool) {
    keys = [UInt64](unsafeUninitializedCapacity: count) { keys, initialized in
      for index in 0..<count {
        // Zeros of both signs are equal.
        let number = x[index * stride] + 0
        let bits = number.bitPattern
        let ordered =
          number.isNaN ? UInt32.max : bits >> 31 == 0 ? bits | 1 << 31 : ~bits
        let rank = takesLargest ? ordered : ~ordered
        keys[index] = UInt64(rank) << 32 | UInt64(~UInt32(truncatingIfNeeded: index))
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
      keys[0] = keys[index]
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
