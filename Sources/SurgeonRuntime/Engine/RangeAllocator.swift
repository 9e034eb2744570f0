/// Which ranges of a space are taken: the smallest gap that is large enough is given out, and
/// neighbouring gaps become one.
package struct RangeAllocator: Sendable {
  /// In order; no two of them touch.
  package private(set) var gaps: [Range<Int>]

  /// - Parameter size: of the space.
  package init(size: Int) { gaps = [0..<size] }

  /// The start of `count` units that are free, which then are taken; nil where there is no such gap.
  package mutating func allocate(_ count: Int) -> Int? {
    var best: Int?
    for (index, gap) in gaps.enumerated() where gap.count >= count {
      if let best, gaps[best].count <= gap.count { continue }
      best = index
    }
    guard let best else { return nil }
    let start = gaps[best].lowerBound
    if gaps[best].count == count {
      gaps.remove(at: best)
    } else {
      gaps[best] = start + count..<gaps[best].upperBound
    }
    return start
  }

  /// Gives back what `allocate` gave. Returns the gap that it is part of now.
  @discardableResult
  package mutating func release(start: Int, count: Int) -> Range<Int> {
    var new = start..<start + count
    var (low, high) = (0, gaps.count)
    while low < high {
      let middle = (low + high) / 2
      if gaps[middle].lowerBound < start { low = middle + 1 } else { high = middle }
    }
    var replaced = low..<low
    if low < gaps.count, gaps[low].lowerBound == new.upperBound {
      new = new.lowerBound..<gaps[low].upperBound
      replaced = low..<low + 1
    }
    if low > 0, gaps[low - 1].upperBound == new.lowerBound {
      new = gaps[low - 1].lowerBound..<new.upperBound
      replaced = low - 1..<replaced.upperBound
    }
    gaps.replaceSubrange(replaced, with: CollectionOfOne(new))
    return new
  }
}
