/// Which ranges of a space are taken: the first gap that is large enough is given out, and
/// neighbouring gaps become one.
package struct RangeAllocator: Sendable {
  /// In order; no two of them touch.
  private var gaps: [Range<Int>]

  /// - Parameter size: of the space.
  package init(size: Int) { gaps = [0..<size] }

  /// The start of `count` units that are free, which then are taken; nil where there is no such gap.
  package mutating func allocate(_ count: Int) -> Int? {
    guard let index = gaps.firstIndex(where: { $0.count >= count }) else { return nil }
    let start = gaps[index].lowerBound
    if gaps[index].count == count {
      gaps.remove(at: index)
    } else {
      gaps[index] = start + count..<gaps[index].upperBound
    }
    return start
  }

  /// Gives back what `allocate` gave.
  package mutating func release(start: Int, count: Int) {
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
  }

  /// True where nothing of a space of `size` units is taken.
  func isEmpty(size: Int) -> Bool { gaps == [0..<size] }
}
