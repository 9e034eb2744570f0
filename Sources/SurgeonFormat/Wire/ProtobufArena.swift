internal import COnnx
internal import CProtobufC

/// Memory for messages that protobuf-c makes, or that are made for it to pack. One reset frees
/// them all.
final class ProtobufArena {
  private var blocks: [UnsafeMutableRawBufferPointer] = []
  private var current = 0
  private var used = 0
  /// What protobuf-c is told to allocate from; valid as long as the arena.
  let allocator: UnsafeMutablePointer<ProtobufCAllocator>

  private static let blockSize = 1 << 16

  init() {
    allocator = .allocate(capacity: 1)
    allocator.initialize(
      to: ProtobufCAllocator(
        alloc: { arena, count in
          arena.map {
            Unmanaged<ProtobufArena>.fromOpaque($0).takeUnretainedValue().allocate(count)
          }
        },
        free: { _, _ in },
        allocator_data: nil))
    allocator.pointee.allocator_data = Unmanaged.passUnretained(self).toOpaque()
  }

  deinit {
    for block in blocks { block.deallocate() }
    allocator.deallocate()
  }

  func allocate(_ count: Int) -> UnsafeMutableRawPointer {
    let needed = (count + 15) & ~15
    while current < blocks.count {
      if blocks[current].count - used >= needed, let base = blocks[current].baseAddress {
        defer { used += needed }
        return base + used
      }
      current += 1
      used = 0
    }
    let block = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(needed, Self.blockSize), alignment: 16)
    blocks.append(block)
    used = needed
    return block.baseAddress.unsafelyUnwrapped
  }

  /// Frees every message made so far. Blocks of the usual size are kept for the next ones.
  func reset() {
    while let last = blocks.last, blocks.count > 1 || last.count > Self.blockSize {
      last.deallocate()
      blocks.removeLast()
    }
    current = 0
    used = 0
  }
}
