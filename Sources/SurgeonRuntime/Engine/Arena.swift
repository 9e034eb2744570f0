internal import SurgeonLibc
internal import Synchronization

/// Memory that is cut into blocks of any size and joined again.
///
/// Addresses are reserved, and pages come when they are touched: in large ones where the system has
/// them at once (`LargePages`), because a fresh page of 4 KiB costs as much as ten passes over it.
/// What is given back is given out again before the arena grows, so that an arena becomes as large as
/// the most that was in use at a time, and a little.
package final class Arena: Sendable {
  private struct Region: Sendable {
    /// Where the reservation starts, and where the blocks do.
    let reserved: UInt
    let reservedSize: Int
    let start: UInt
    /// Bytes from the start that may be touched.
    var usable = 0
    /// Bytes from the start whose pages are there as large ones; nil where the rest are small.
    var large: Int?
    var ranges: RangeAllocator

    let pages: LargePages

    /// Addresses for blocks of `size` bytes together; nil where the system has none.
    init?(size: Int, _ pages: LargePages) {
      let (total, overflow) = size.addingReportingOverflow(LargePages.size)
      #if canImport(Darwin)
        let flags = MAP_PRIVATE | MAP_ANON
      #else
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
      #endif
      guard !overflow, let mapping = mmap(nil, total, PROT_NONE, flags, -1, 0),
        mapping != MAP_FAILED
      else { return nil }
      reserved = UInt(bitPattern: mapping)
      reservedSize = total
      let alignment = UInt(LargePages.size)
      start = (reserved + alignment - 1) / alignment * alignment
      ranges = RangeAllocator(size: size)
      self.pages = pages
      large = pages.areQuick ? 0 : nil
      LargePages.use(large != nil, at: start, size)
    }

    /// A free block; nil where there is none, or the machine has not that much memory.
    mutating func allocate(_ count: Int) -> UInt? {
      guard let offset = ranges.allocate(count) else { return nil }
      let end = offset + count
      if end > usable {
        // Changing what a page may be used for is a system call, so more is taken than is needed.
        let wanted = min((end / growth + 1) * growth, reservedSize - Int(start - reserved))
        let place = UnsafeMutableRawPointer(bitPattern: start + UInt(usable))
        guard mprotect(place, wanted - usable, PROT_READ | PROT_WRITE) == 0 else {
          ranges.release(start: offset, count: count)
          return nil
        }
        usable = wanted
      }
      if let first = large, first < end { takeLargePages(from: first, to: end) }
      return start + UInt(offset)
    }

    private mutating func takeLargePages(from first: Int, to end: Int) {
      var place = first
      while place < end {
        guard pages.areQuick else {
          let rest = reservedSize - Int(start - reserved) - place
          LargePages.use(false, at: start + UInt(place), rest)
          large = nil
          return
        }
        pages.take(at: start + UInt(place))
        place += LargePages.size
      }
      large = place
    }

    /// Gives the pages that lie wholly in `range` back to the system.
    func discard(_ range: Range<Int>) {
      let first = (range.lowerBound + page - 1) / page * page
      let end = min(range.upperBound, usable) / page * page
      guard first < end else { return }
      madvise(UnsafeMutableRawPointer(bitPattern: start + UInt(first)), end - first, MADV_DONTNEED)
    }
  }

  private let regions = Mutex<[Region]>([])
  /// Far more than networks need at a time.
  private static let regionSize = 1 << 36

  private let pages: LargePages

  package init(pages: LargePages) { self.pages = pages }

  deinit {
    for region in regions.withLock({ $0 }) {
      munmap(UnsafeMutableRawPointer(bitPattern: region.reserved), region.reservedSize)
    }
  }

  /// `byteCount` bytes, a multiple of 64, aligned to 64; nil where the machine has not that much.
  func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
    regions.withLock { regions in
      for index in regions.indices {
        if let address = regions[index].allocate(byteCount) {
          return UnsafeMutableRawPointer(bitPattern: address)
        }
      }
      // Where addresses are limited, regions are no larger than what is needed.
      let reserved = Region(size: max(Self.regionSize, byteCount), pages)
      let region = reserved ?? Region(size: max(growth, byteCount), pages)
      guard var region, let address = region.allocate(byteCount) else {
        if let region {
          munmap(UnsafeMutableRawPointer(bitPattern: region.reserved), region.reservedSize)
        }
        return nil
      }
      regions.append(region)
      return UnsafeMutableRawPointer(bitPattern: address)
    }
  }

  /// Takes back what `allocate` gave.
  ///
  /// - Parameter keepsPages: false where its memory goes back to the system at once.
  func release(_ base: UnsafeMutableRawPointer, byteCount: Int, keepsPages: Bool) {
    let address = UInt(bitPattern: base)
    regions.withLock { regions in
      guard
        let index = regions.firstIndex(where: {
          $0.start <= address && address < $0.start + UInt($0.usable)
        })
      else { return }
      let start = Int(address - regions[index].start)
      let gap = regions[index].ranges.release(start: start, count: byteCount)
      guard !keepsPages else { return }
      // The pages that the block shares with its neighbours, where these are free as well.
      let around = start / page * page..<(start + byteCount + page - 1) / page * page
      regions[index].discard(around.clamped(to: gap))
    }
  }

  /// Gives the pages that no block is in back to the system.
  func trim() {
    regions.withLock { regions in
      for region in regions {
        for gap in region.ranges.gaps { region.discard(gap) }
      }
    }
  }
}

private let page = Int(sysconf(Int32(_SC_PAGESIZE)))
private let growth = 1 << 26
