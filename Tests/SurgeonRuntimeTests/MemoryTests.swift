import SurgeonIR
import SurgeonRuntime
import Testing

@Suite struct MemoryTests {
  @Test func `the smallest gap that is large enough is given out`() {
    var ranges = RangeAllocator(size: 100)
    let starts = [30, 5, 10, 5].compactMap { ranges.allocate($0) }
    #expect(starts == [0, 30, 35, 45])
    ranges.release(start: 0, count: 30)
    ranges.release(start: 35, count: 10)
    #expect(ranges.allocate(8) == 35)
    #expect(ranges.allocate(20) == 0)
    #expect(ranges.gaps == [20..<30, 43..<45, 50..<100])
    #expect(ranges.allocate(51) == nil)
  }

  @Test func `neighbouring gaps become one`() {
    var ranges = RangeAllocator(size: 40)
    for _ in 0..<4 { _ = ranges.allocate(10) }
    #expect(ranges.release(start: 0, count: 10) == 0..<10)
    #expect(ranges.release(start: 20, count: 10) == 20..<30)
    #expect(ranges.release(start: 10, count: 10) == 0..<30)
    #expect(ranges.release(start: 30, count: 10) == 0..<40)
    #expect(ranges.gaps == [0..<40])
  }

  /// Large pages for as long as the system has them at once, and never after the first.
  private static let pages = [LargePages.ofProcess, LargePages(limit: -1)]

  @Test(arguments: pages)
  func `a large value takes the place of smaller ones that are gone`(pages: LargePages) throws {
    let pool = BufferPool(pages: pages)
    let last: PooledBlock
    let start: UnsafeMutableRawPointer
    do {
      let first = try pool.block(byteCount: 1 << 20)
      let second = try pool.block(byteCount: 3 << 20)
      last = try pool.block(byteCount: 1 << 20)
      start = first.base
      #expect(second.base == first.base + 1 << 20)
    }
    let whole = try pool.block(byteCount: 4 << 20)
    #expect(whole.base == start)
    #expect(last.base == start + 4 << 20)
  }

  @Test(arguments: pages)
  func `blocks in use keep their contents when a pool gives its free memory back`(
    pages: LargePages
  ) throws {
    let pool = BufferPool(pages: pages)
    var gone: PooledBlock? = try pool.block(byteCount: 5 << 20)
    let kept = try pool.block(byteCount: 1 << 20)
    gone?.base.storeBytes(of: 7, as: Int.self)
    for offset in stride(from: 0, to: kept.count, by: 8) {
      kept.base.storeBytes(of: offset, toByteOffset: offset, as: Int.self)
    }
    gone = nil
    pool.drain()
    let isWhole = stride(from: 0, to: kept.count, by: 8).allSatisfy {
      kept.base.load(fromByteOffset: $0, as: Int.self) == $0
    }
    #expect(isWhole)
    // Fresh pages hold nothing.
    let next = try pool.block(byteCount: 5 << 20)
    #expect(next.base.load(as: Int.self) == 0)
  }

  @Test func `a block that no machine holds is refused`() throws {
    let pool = BufferPool()
    #expect(throws: SurgeonError.self) { try pool.block(byteCount: 1 << 60) }
    #expect(throws: SurgeonError.self) { try pool.block(byteCount: .max) }
    #expect(try pool.block(byteCount: 1 << 20).count == 1 << 20)
  }
}
