internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Memory that is cut into blocks of any size and joined again.
///
/// A fresh page costs as much as ten passes over it. Work whose blocks change their sizes as it goes
/// on takes the pages of one arena again and again; they go back to the system with the arena.
package final class Arena: Sendable {
  private struct Slab: Sendable {
    let start: UInt
    let size: Int
    var ranges: RangeAllocator
  }

  private let slabs = Mutex<[Slab]>([])
  private static let slabSize = 64 << 20

  package init() {}

  deinit {
    for slab in slabs.withLock({ $0 }) { free(UnsafeMutableRawPointer(bitPattern: slab.start)) }
  }

  /// `byteCount` bytes, a multiple of 64, aligned to 64; nil where the machine has not that much.
  func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
    slabs.withLock { slabs in
      for index in slabs.indices {
        if let offset = slabs[index].ranges.allocate(byteCount) {
          return UnsafeMutableRawPointer(bitPattern: slabs[index].start + UInt(offset))
        }
      }
      let size = max(Self.slabSize, byteCount)
      var base: UnsafeMutableRawPointer?
      guard posix_memalign(&base, 4096, size) == 0, let base else { return nil }
      var slab = Slab(
        start: UInt(bitPattern: base), size: size, ranges: RangeAllocator(size: size))
      _ = slab.ranges.allocate(byteCount)
      slabs.append(slab)
      return base
    }
  }

  /// Takes back what `allocate` gave.
  func release(_ base: UnsafeMutableRawPointer, byteCount: Int) {
    let address = UInt(bitPattern: base)
    slabs.withLock { slabs in
      guard
        let index = slabs.firstIndex(where: {
          $0.start <= address && address < $0.start + UInt($0.size)
        })
      else { return }
      slabs[index].ranges.release(start: Int(address - slabs[index].start), count: byteCount)
      // One block's own slab fits hardly any other block.
      guard slabs[index].size > Self.slabSize, slabs[index].ranges.isEmpty(size: slabs[index].size)
      else { return }
      free(UnsafeMutableRawPointer(bitPattern: slabs.remove(at: index).start))
    }
  }
}
