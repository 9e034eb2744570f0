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
      case disk(SpillFile, start: Int, count: Int)
    }

    let samples: Range<Int>
    let place: Place
    /// Nil where the value cannot go to disk nor be cut: strings, sequences.
    let form: StoredForm?
    /// Of all samples; empty where the value is no tensor.
    let shape: [Int]
    /// Samples that somebody still asks for.
    var pending: Int

    init(_ samples: Range<Int>, _ place: Place, _ form: StoredForm?, shape: [Int]) {
      self.samples = samples
      self.place = place
      self.form = form
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
    /// Values that the stage leaves for another than the next one, and what memory there is for them.
    var later: Set<String> = []
    var roomForLater = 0.0

    func bytesInMemory(of name: String) -> Int {
      var bytes = 0
      var last: Entry?
      for case let entry? in entries[name] ?? [] where entry !== last {
        if case .memory(let value) = entry.place { bytes += byteCount(of: value) ?? 0 }
        last = entry
      }
      return bytes
    }
  }

  private let memoryLimit: Int
  private let directory: String
  /// Those that nobody writes to: systems let one write to a file at a time.
  private let idleFiles = Mutex<[SpillFile]>([])
  private let sampleCount: Int
  private let books = Mutex(Books())

  init(sampleCount: Int, memoryLimit: Int, directory: String) {
    self.sampleCount = sampleCount
    self.memoryLimit = memoryLimit
    self.directory = directory
  }

  /// Makes ready for what a stage leaves.
  ///
  /// What the next stage reads has the first claim to memory: from stage to stage a value takes its
  /// place, while one that waits longer goes to disk and back once.
  ///
  /// - Parameter costs: knows the sizes of a sample's values.
  func begin(_ stage: CalibrationStage, of model: Model, _ costs: StageCosts?) {
    let next = stage.part.outputs.filter { !stage.laterOutputs.contains($0) }
    let claimed = next.reduce(0.0) { bytes, value in
      bytes + Double(costs?.byteCount(of: value) ?? 0) * Double(sampleCount)
    }
    books.withLock { books in
      books.later = Set(stage.laterOutputs.map { model[$0].name })
      let ending = stage.lastUses.reduce(0) { $0 + books.bytesInMemory(of: model[$1].name) }
      let room = Double(memoryLimit - (books.memoryInUse - ending)) - claimed
      books.roomForLater = max(0, room)
    }
  }

  /// - Throws: `io` where the disk is full or the directory cannot be written.
  func put(
    _ value: RuntimeValue, of name: String, samples: Range<Int>
  ) throws(SurgeonError) {
    let stored = try value.stored()
    let place = try place(for: stored?.value ?? value, of: name, canGoToDisk: stored != nil)
    let entry = Entry(samples, place, stored?.form, shape: value.shape ?? [])
    books.withLock { books in
      for sample in samples {
        books.entries[name, default: Array(repeating: nil, count: sampleCount)][sample] = entry
      }
    }
  }

  /// Where a value is kept from now on.
  private func place(
    for value: RuntimeValue, of name: String, canGoToDisk: Bool
  ) throws(SurgeonError) -> Entry.Place {
    let size = byteCount(of: value) ?? 0
    let fits = books.withLock { books in
      let isLater = books.later.contains(name)
      let fits =
        books.memoryInUse + size <= memoryLimit && (!isLater || Double(size) <= books.roomForLater)
      guard fits || !canGoToDisk else { return false }
      books.memoryInUse += size
      if isLater { books.roomForLater -= Double(size) }
      return true
    }
    if fits { return .memory(value) }
    let file = idleFiles.withLock { $0.popLast() } ?? SpillFile(directory: directory)
    defer { idleFiles.withLock { $0.append(file) } }
    return try value.withStoredBytes { (bytes) throws(SurgeonError) in
      .disk(file, start: try file.write(bytes), count: bytes.count)
    }
  }

  /// The value of some samples as one; nil where it cannot be put together: one sample's always can.
  ///
  /// What is put together follows from how it was computed, never from where it is kept: running
  /// samples together and one by one rounds differently.
  ///
  /// - Parameter isLast: true where nobody asks for it again: a run may write over it.
  func get(
    _ name: String, _ samples: Range<Int>, for session: Session, isLast: Bool
  ) throws(SurgeonError) -> RuntimeValue? {
    let pieces = try pieces(of: name, samples)
    let first = pieces[0].entry
    if pieces.count == 1, pieces[0].isWhole { return try whole(first, session, isLast) }
    guard let form = first.form, form.elementType.bitWidth >= 8,
      pieces.count == 1 || first.shape.count >= 2,
      pieces.allSatisfy({ piece in
        piece.entry.form == form && piece.entry.rowShape == first.rowShape
          && piece.entry.rowsPerSample == first.rowsPerSample
      })
    else { return nil }
    if pieces.count == 1, case .memory(let value) = first.place {
      return try value.rows(pieces[0].rows)
    }
    let rows = pieces.map(\.rows.count).reduce(0, +)
    return try session.value(form, shape: [rows] + first.rowShape) {
      (buffer) throws(SurgeonError) in
      let size = buffer.count / max(1, rows)
      var filled = 0
      for piece in pieces {
        let bytes = piece.rows.lowerBound * size..<piece.rows.upperBound * size
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...].prefix(bytes.count))
        switch piece.entry.place {
        case .memory(let value):
          try value.withStoredBytes { (all) throws(SurgeonError) in
            part.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[bytes]))
          }
        case .disk(let file, let start, _): try file.read(start + bytes.lowerBound, into: part)
        }
        filled += bytes.count
      }
    }
  }

  private func whole(
    _ entry: Entry, _ session: Session, _ isLast: Bool
  ) throws(SurgeonError) -> RuntimeValue {
    switch entry.place {
    case .memory(let value): return isLast ? value.lent() : value
    case .disk(let file, let start, _):
      guard let form = entry.form else {
        throw SurgeonError(.broken, "a value without a form is on disk")
      }
      return try session.value(form, shape: entry.shape) { (buffer) throws(SurgeonError) in
        try file.read(start, into: buffer)
      }
    }
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
        case .memory(let value): books.memoryInUse -= byteCount(of: value) ?? 0
        case .disk(let file, let start, let count): file.release(start, count: count)
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
}

/// The bytes of a tensor that can go to disk; nil for strings and compound values.
private func byteCount(of value: RuntimeValue) -> Int? {
  guard let type = value.elementType, let shape = value.shape else { return nil }
  return type.byteCount(of: shape.reduce(1, *))
}
