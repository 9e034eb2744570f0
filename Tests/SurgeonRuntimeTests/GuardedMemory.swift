import Foundation

/// Numbers between pages that nobody may touch: a process that reads or writes beside them ends.
struct GuardedMemory<T> {
  private static var page: Int { Int(sysconf(Int32(_SC_PAGESIZE))) }
  let base: UnsafeMutablePointer<T>
  private let mapping: UnsafeMutableRawPointer
  private let size: Int

  /// - Parameter isAtEnd: true where the last number lies right before such a page, false where the
  ///   first one lies right behind one.
  init(_ numbers: [T], isAtEnd: Bool) throws {
    let count = numbers.count * MemoryLayout<T>.stride
    let inner = (count + Self.page - 1) / Self.page * Self.page
    size = inner + 2 * Self.page
    guard
      let mapping = mmap(nil, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      mapping != MAP_FAILED,
      mprotect(mapping + Self.page, inner, PROT_READ | PROT_WRITE) == 0
    else { throw CocoaError(.featureUnsupported) }
    self.mapping = mapping
    let first = mapping + Self.page + (isAtEnd ? inner - count : 0)
    base = first.bindMemory(to: T.self, capacity: max(1, numbers.count))
    base.initialize(from: numbers, count: numbers.count)
  }

  func deallocate() { munmap(mapping, size) }
}
