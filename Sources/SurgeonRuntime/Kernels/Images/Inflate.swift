/// The decompression of RFC 1951 ("deflate").
struct Inflate {
  private let input: ArraySlice<UInt8>
  private var position: Int
  private var bits = 0
  private var bitCount = 0
  private var output: [UInt8] = []
  private let limit: Int

  /// - Parameter limit: more output than this is an error.
  /// - Returns: nil for data that are not deflated.
  static func inflate(_ input: ArraySlice<UInt8>, limit: Int) -> [UInt8]? {
    var state = Inflate(input, limit: limit)
    return state.run() ? state.output : nil
  }

  private init(_ input: ArraySlice<UInt8>, limit: Int) {
    self.input = input
    self.limit = limit
    position = input.startIndex
  }

  private mutating func run() -> Bool {
    while true {
      guard let isLast = take(1), let kind = take(2) else { return false }
      let isGood: Bool
      switch kind {
      case 0: isGood = copyStored()
      case 1: isGood = decode(.fixedLiterals, .fixedDistances)
      case 2: isGood = decodeDynamic()
      default: isGood = false
      }
      guard isGood else { return false }
      if isLast == 1 { return true }
    }
  }

  /// The next `count` bits, the first in the lowest place.
  private mutating func take(_ count: Int) -> Int? {
    while bitCount < count {
      guard position < input.endIndex else { return nil }
      bits |= Int(input[position]) << bitCount
      bitCount += 8
      position += 1
    }
    defer {
      bits >>= count
      bitCount -= count
    }
    return bits & (1 << count - 1)
  }

  private mutating func copyStored() -> Bool {
    bits = 0
    bitCount = 0
    guard let count = take(16), take(16) != nil, position + count <= input.endIndex,
      output.count + count <= limit
    else { return false }
    output += input[position..<(position + count)]
    position += count
    return true
  }

  private mutating func symbol(_ code: HuffmanCode) -> Int? {
    var word = 0
    var first = 0
    var index = 0
    for length in 1...15 {
      guard let bit = take(1) else { return nil }
      word |= bit
      let count = code.counts[length]
      if word - count < first { return code.symbols[index + word - first] }
      index += count
      first = (first + count) << 1
      word <<= 1
    }
    return nil
  }

  private mutating func decode(_ literals: HuffmanCode, _ distances: HuffmanCode) -> Bool {
    while true {
      guard let symbol = symbol(literals) else { return false }
      if symbol == 256 { return true }
      if symbol < 256 {
        guard output.count < limit else { return false }
        output.append(UInt8(symbol))
        continue
      }
      guard symbol < 286, let extra = take(Self.lengthBits[symbol - 257]),
        let code = self.symbol(distances), code < 30, let far = take(Self.distanceBits[code])
      else { return false }
      let length = Self.lengths[symbol - 257] + extra
      let distance = Self.distances[code] + far
      guard distance <= output.count, output.count + length <= limit else { return false }
      for _ in 0..<length { output.append(output[output.count - distance]) }
    }
  }

  private mutating func decodeDynamic() -> Bool {
    guard let literals = take(5), let distances = take(5), let orders = take(4) else {
      return false
    }
    var lengths = Array(repeating: 0, count: 19)
    for index in 0..<(orders + 4) {
      guard let length = take(3) else { return false }
      lengths[Self.order[index]] = length
    }
    guard let code = HuffmanCode(lengths[...]) else { return false }
    let total = literals + 257 + distances + 1
    var all: [Int] = []
    while all.count < total {
      guard let symbol = symbol(code) else { return false }
      switch symbol {
      case 16:
        guard let last = all.last, let count = take(2) else { return false }
        all += Array(repeating: last, count: count + 3)
      case 17:
        guard let count = take(3) else { return false }
        all += Array(repeating: 0, count: count + 3)
      case 18:
        guard let count = take(7) else { return false }
        all += Array(repeating: 0, count: count + 11)
      default: all.append(symbol)
      }
    }
    guard all.count == total, let first = HuffmanCode(all[..<(literals + 257)]),
      let second = HuffmanCode(all[(literals + 257)...])
    else { return false }
    return decode(first, second)
  }

  private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
  private static let lengths = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258,
  ]
  private static let lengthBits = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  private static let distances = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537,
    2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
  ]
  private static let distanceBits = [
    0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13,
    13,
  ]
}

/// A canonical prefix code: how many words of each length, and the symbols in their order.
struct HuffmanCode {
  let counts: [Int]
  let symbols: [Int]

  /// - Returns: nil for more words than the lengths allow.
  init?(_ lengths: ArraySlice<Int>) {
    var counts = Array(repeating: 0, count: 16)
    for length in lengths { counts[length] += 1 }
    counts[0] = 0
    var room = 1
    for length in 1...15 {
      room = room << 1 - counts[length]
      if room < 0 { return nil }
    }
    self.counts = counts
    let start = lengths.startIndex
    symbols = lengths.indices.filter { lengths[$0] > 0 }
      .sorted { (lengths[$0], $0) < (lengths[$1], $1) }.map { $0 - start }
  }

  static let fixedLiterals = HuffmanCode(
    counts: [0, 0, 0, 0, 0, 0, 0, 24, 152, 112, 0, 0, 0, 0, 0, 0],
    symbols: Array(256..<280) + Array(0..<144) + Array(280..<288) + Array(144..<256))
  static let fixedDistances = HuffmanCode(
    counts: [0, 0, 0, 0, 0, 30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], symbols: Array(0..<30))

  private init(counts: [Int], symbols: [Int]) {
    self.counts = counts
    self.symbols = symbols
  }
}
