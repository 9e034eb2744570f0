internal import SurgeonIR
internal import SurgeonThreads

/// Pairs of byte strings, compared in pieces that all processors share.
enum ByteComparison {
  private static let pieceSize = 1 << 20
  /// Less than this in all is compared sooner than a thread wakes up.
  private static let sharedFrom = 1 << 20
  /// So many pieces ahead of the one that is compared, the system fetches what is not in memory:
  /// page by page, as they are touched, a disk gives a hundredth of what it can.
  private static let lookahead = 16
  private static let fetchedFrom = 1 << 14

  private struct Piece {
    var pair: Int
    var range: Range<Int>
  }

  /// For each pair, whether its bytes are the same.
  static func areEqual(_ pairs: [(TensorBytes, TensorBytes)]) -> [Bool] {
    var results = pairs.map { $0.count == $1.count }
    let pieces = pieces(of: pairs)
    let isLong = pieces.reduce(0) { $0 + $1.range.count } >= sharedFrom
    var areSame = [Bool](repeating: false, count: pieces.count)
    let fetch = { (index: Int) in
      guard index < pieces.count, pieces[index].range.count >= fetchedFrom else { return }
      let (a, b) = pairs[pieces[index].pair]
      a[pieces[index].range].expectReading()
      b[pieces[index].range].expectReading()
    }
    for index in 0..<min(lookahead, pieces.count) { fetch(index) }
    areSame.withUnsafeMutableBufferPointer { areSame in
      ThreadPool.shared.run(count: pieces.count, threads: isLong ? 0 : 1) { index in
        fetch(index + lookahead)
        let (a, b) = pairs[pieces[index].pair]
        areSame[index] = a[pieces[index].range].equals(b[pieces[index].range])
      }
    }
    for (piece, isSame) in zip(pieces, areSame) where !isSame { results[piece.pair] = false }
    return results
  }

  /// Pieces of the pairs of one length that are not the same memory.
  private static func pieces(of pairs: [(TensorBytes, TensorBytes)]) -> [Piece] {
    var pieces: [Piece] = []
    for (index, (a, b)) in pairs.enumerated() where a.count == b.count && a.base != b.base {
      for start in stride(from: 0, to: a.count, by: pieceSize) {
        pieces.append(Piece(pair: index, range: start..<min(start + pieceSize, a.count)))
      }
    }
    return pieces
  }
}
