/// A 64-bit hash that is the same in every process, for comparing structures of two models.
///
/// Multiply-and-fold mixing as in wyhash. Not meant to resist an adversary: whatever two equal
/// hashes stand for is compared again before it is reported as equal.
struct StableHash {
  private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

  init() {}

  mutating func combine(_ word: UInt64) {
    let product = (value ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    value = product.high ^ product.low ^ 0xE703_7ED1_A0B4_28DB
  }

  mutating func combine(_ number: Int) { combine(UInt64(bitPattern: Int64(number))) }

  mutating func combine(_ text: String) {
    combine(text.utf8.count)
    var word: UInt64 = 0
    var filled = 0
    for byte in text.utf8 {
      word = word << 8 | UInt64(byte)
      filled += 1
      if filled == 8 {
        combine(word)
        (word, filled) = (0, 0)
      }
    }
    if filled > 0 { combine(word) }
  }

  mutating func combine(_ bytes: UnsafeRawBufferPointer) {
    combine(bytes.count)
    var offset = 0
    while offset + 8 <= bytes.count {
      combine(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    var word: UInt64 = 0
    for byte in bytes[offset...] { word = word << 8 | UInt64(byte) }
    combine(word)
  }

  /// The hash of a collection whose order does not matter.
  static func unordered(_ hashes: some Sequence<UInt64>) -> UInt64 {
    var sum: UInt64 = 0
    var folded: UInt64 = 0
    for hash in hashes {
      sum &+= hash
      var mixed = StableHash()
      mixed.combine(hash)
      // A second round, lest the two sums of a single hash cancel each other below.
      mixed.combine(hash)
      folded ^= mixed.value
    }
    var result = StableHash()
    result.combine(sum)
    result.combine(folded)
    return result.value
  }
}
