internal import SurgeonIR
internal import SurgeonRuntime
internal import Synchronization

/// Values of all samples between two stages: in memory as long as they fit, then on disk, in the
/// arrangement that the engine has them in.
///
/// Several threads may put and get at a time: bytes are copied outside the lock.
final class FrontierStore: Sendable {
  /// The value of samples that were computed as one.
  private final class Entry: @unchecked Sendable {
    // Unchecked: `pending` belongs to the lock of the books.
    enum Place {
      case memory(RuntimeValue)
      case disk(StoredForm, start: Int, count: Int)
    }

    let samples: Range<Int>
    let place: Place
    /// Of all samples; empty where the value is no tensor.
    let shape: [Int]
    /// Samples that somebody still asks for.
    var pending: Int

    init(_ samples: Range<Int>, _ place: Place, shape: [Int]) {
      self.samples = samples
      self.place = place
      self.shape = shape
      pending = samples.count
    }

    var rowsPerSample: Int { (shape.first ?? 0) / samples.count }
    var rowShape: ArraySlice<Int> { shape.dropFirst() }
  }

  /// What an entry has of the samples that are asked for.
  private struct Piece {
    let entry: Entry
    let rows: Range<Int>
    let isWhole: Bool
  }

  private struct Books {
    /// The entry that holds each sample of a value.
    var entries: [String: [Entry?]] = [:]
    var memoryInUse = 0
  }

  private let memoryLimit: Int
  private let file: SpillFile
  private let sampleCount: Int
  private let books = Mutex(Books())

  init(sampleCount: Int, memoryLimit: Int, directory: String) {
    self.sampleCount = sampleCount
    self.memoryLimit = memoryLimit
    file = SpillFile(directory: directory)
  }

  /// - Throws: `io` where the disk is full or the directory cannot be written.
  func put(
    _ value: RuntimeValue, of name: String, samples: Range<Int>
  ) throws(SurgeonError) {
    let entry = Entry(samples, try place(for: value), shape: value.shape ?? [])
    books.withLock { books in
      for sample in samples {
        books.entries[name, default: Array(repeating: nil, count: sampleCount)][sample] = entry
      }
    }
  }

  /// Where a value is kept from now on.
  private func place(for value: RuntimeValue) throws(SurgeonError) -> Entry.Place {
    let size = Self.byteCount(of: value)
    let fits = books.withLock { books in
      guard let size else { return true }
      guard books.memoryInUse + size <= memoryLimit else { return false }
      books.memoryInUse += size
      return true
    }
    if fits { return .memory(value.withoutCopies()) }
    let written = try value.withStoredBytes { (form, bytes) throws(SurgeonError) in
      Entry.Place.disk(form, start: try file.write(bytes), count: bytes.count)
    }
    if let written { return written }
    books.withLock { $0.memoryInUse += size ?? 0 }
    return .memory(value.withoutCopies())
  }

  /// The value of some samples as one; nil where it cannot be put together: one sample's always can.
  func get(
    _ name: String, _ samples: Range<Int>, for session: Session
  ) throws(SurgeonError) -> RuntimeValue? {
    let pieces = try pieces(of: name, samples)
    let first = pieces[0].entry
    let areUniform = pieces.allSatisfy { piece in
      piece.entry.rowShape == first.rowShape && piece.entry.rowsPerSample == first.rowsPerSample
    }
    guard pieces.count == 1 || (first.shape.count >= 2 && areUniform) else { return nil }
    if let value = try onDisk(pieces, session) { return value }
    var parts: [RuntimeValue] = []
    for piece in pieces {
      guard let part = try value(of: piece, session) else { return nil }
      parts.append(part)
    }
    return parts.count == 1 ? parts[0] : try session.stack(parts)
  }

  /// Says that nobody asks for these samples of a value again.
  func release(_ name: String, _ samples: Range<Int>) {
    books.withLock { books in
      for sample in samples {
        guard let entry = books.entries[name]?[sample] else { continue }
        books.entries[name]?[sample] = nil
        entry.pending -= 1
        guard entry.pending == 0 else { continue }
        switch entry.place {
        case .memory(let value): books.memoryInUse -= Self.byteCount(of: value) ?? 0
        case .disk(_, let start, let count): file.release(start, count: count)
        }
      }
    }
  }

  /// Forgets all samples of a value.
  func drop(_ name: String) {
    release(name, 0..<sampleCount)
    books.withLock { _ = $0.entries.removeValue(forKey: name) }
  }

  private func pieces(
    of name: String, _ samples: Range<Int>
  ) throws(SurgeonError) -> [Piece] {
    let entries = books.withLock { $0.entries[name].map { Array($0[samples]) } }
    var pieces: [Piece] = []
    var next = samples.lowerBound
    while next < samples.upperBound {
      guard let entry = entries?[next - samples.lowerBound] else {
        throw SurgeonError(.broken, "'\(name)' of sample \(next) was not kept")
      }
      let end = min(entry.samples.upperBound, samples.upperBound)
      let (first, last) = (next - entry.samples.lowerBound, end - entry.samples.lowerBound)
      let rows = first * entry.rowsPerSample..<last * entry.rowsPerSample
      pieces.append(Piece(entry: entry, rows: rows, isWhole: next..<end == entry.samples))
      next = end
    }
    return pieces
  }

  /// Pieces of one form that all are on disk, read into one value.
  private func onDisk(
    _ pieces: [Piece], _ session: Session
  ) throws(SurgeonError) -> RuntimeValue? {
    guard case .disk(let form, _, _) = pieces[0].entry.place else { return nil }
    var parts: [(start: Int, count: Int)] = []
    for piece in pieces {
      guard case .disk(form, let start, let count) = piece.entry.place else { return nil }
      if piece.isWhole {
        parts.append((start, count))
      } else {
        let size = count / max(1, piece.entry.shape.first ?? 1)
        parts.append((start + piece.rows.lowerBound * size, piece.rows.count * size))
      }
    }
    let entry = pieces[0].entry
    let isOne = pieces.count == 1 && pieces[0].isWhole
    let rows = pieces.map(\.rows.count).reduce(0, +)
    return try session.value(form, shape: isOne ? entry.shape : [rows] + entry.rowShape) {
      (buffer) throws(SurgeonError) in
      var filled = 0
      for part in parts {
        try file.read(
          part.start,
          into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...].prefix(part.count)))
        filled += part.count
      }
    }
  }

  private func value(
    of piece: Piece, _ session: Session
  ) throws(SurgeonError) -> RuntimeValue? {
    let whole: RuntimeValue
    switch piece.entry.place {
    case .memory(let value): whole = value
    case .disk(let form, let start, _):
      whole = try session.value(form, shape: piece.entry.shape) { (buffer) throws(SurgeonError) in
        try file.read(start, into: buffer)
      }
    }
    return piece.isWhole ? whole : try whole.rows(piece.rows)
  }

  /// The bytes of a tensor that can go to disk; nil for strings and compound values.
  private static func byteCount(of value: RuntimeValue) -> Int? {
    guard let type = value.elementType, let shape = value.shape else { return nil }
    return type.byteCount(of: shape.reduce(1, *))
  }
}
