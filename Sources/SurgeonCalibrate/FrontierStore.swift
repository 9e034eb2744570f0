internal import SurgeonIR
internal import SurgeonRuntime

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Values of all samples between two stages: in memory as long as they fit, then on disk.
///
/// The file has no name from the moment it is open, so that nothing is left behind, however the
/// process ends.
final class FrontierStore {
  /// The value of samples that were computed as one.
  private final class Entry {
    enum Place {
      case memory(RuntimeValue)
      case disk(elementType: ElementType, offset: Int, count: Int)
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
  }

  private let memoryLimit: Int
  private let directory: String
  private let sampleCount: Int
  /// The entry that holds each sample of a value.
  private var entries: [String: [Entry?]] = [:]
  private var memoryInUse = 0
  private var descriptor: Int32?
  private var fileEnd = 0
  /// What has been written to disk so far.
  var spilledBytes: Int { fileEnd }

  init(sampleCount: Int, memoryLimit: Int, directory: String) {
    self.sampleCount = sampleCount
    self.memoryLimit = memoryLimit
    self.directory = directory
  }

  deinit {
    if let descriptor { close(descriptor) }
  }

  /// - Throws: `io` where the disk is full or the directory cannot be written.
  func put(
    _ value: RuntimeValue, of name: String, samples: Range<Int>
  ) throws(SurgeonError) {
    let size = Self.byteCount(of: value)
    let place: Entry.Place
    if size.map({ memoryInUse + $0 <= memoryLimit }) ?? true {
      memoryInUse += size ?? 0
      place = .memory(value.withoutCopies())
    } else if let tensor = try value.plain().tensor {
      let bytes = try tensor.bytes()
      try write(bytes)
      place = .disk(
        elementType: tensor.elementType, offset: fileEnd - bytes.count, count: bytes.count)
    } else {
      return
    }
    let entry = Entry(samples, place, shape: value.shape ?? [])
    for sample in samples {
      entries[name, default: Array(repeating: nil, count: sampleCount)][sample] = entry
    }
  }

  /// True where the samples of a value can be put into one.
  func isUniform(_ name: String, _ samples: Range<Int>) -> Bool {
    guard let list = entries[name], let first = list[samples.lowerBound] else { return false }
    return samples.allSatisfy { sample in
      guard let entry = list[sample], entry.shape.count >= 2 else { return false }
      return entry.rowsPerSample == first.rowsPerSample
        && entry.shape.dropFirst() == first.shape.dropFirst()
    }
  }

  /// The value of some samples; several entries are put together by `stack`.
  func get(
    _ name: String, _ samples: Range<Int>,
    stack: ([RuntimeValue]) throws(SurgeonError) -> RuntimeValue?
  ) throws(SurgeonError) -> RuntimeValue {
    func failure() -> SurgeonError {
      SurgeonError(.broken, "'\(name)' of sample \(samples.lowerBound) was not kept")
    }
    var parts: [RuntimeValue] = []
    var next = samples.lowerBound
    while next < samples.upperBound {
      guard let entry = entries[name]?[next] else { throw failure() }
      let end = min(entry.samples.upperBound, samples.upperBound)
      let whole = try load(entry)
      if next..<end == entry.samples {
        parts.append(whole)
      } else {
        let (first, last) = (next - entry.samples.lowerBound, end - entry.samples.lowerBound)
        let rows = first * entry.rowsPerSample..<last * entry.rowsPerSample
        // A value from the disk is plain.
        var layout = whole.rows(rows)
        if layout == nil { layout = try stack([whole])?.rows(rows) }
        guard let layout else { throw failure() }
        parts.append(layout)
      }
      next = end
    }
    if parts.count == 1 { return parts[0] }
    guard let value = try stack(parts) else { throw failure() }
    return value
  }

  /// Says that nobody asks for these samples of a value again.
  func release(_ name: String, _ samples: Range<Int>) {
    for sample in samples {
      guard let entry = entries[name]?[sample] else { continue }
      entries[name]?[sample] = nil
      entry.pending -= 1
      if entry.pending == 0, case .memory(let value) = entry.place {
        memoryInUse -= Self.byteCount(of: value) ?? 0
      }
    }
  }

  /// Forgets all samples of a value.
  func drop(_ name: String) {
    release(name, 0..<sampleCount)
    entries[name] = nil
  }

  private func load(_ entry: Entry) throws(SurgeonError) -> RuntimeValue {
    switch entry.place {
    case .memory(let value): value
    case .disk(let elementType, let offset, let count):
      .tensor(
        Tensor(elementType: elementType, shape: entry.shape, bytes: try read(offset, count)))
    }
  }

  /// The bytes of a tensor that can go to disk; nil for strings and compound values.
  private static func byteCount(of value: RuntimeValue) -> Int? {
    guard let type = value.elementType, let shape = value.shape else { return nil }
    return type.byteCount(of: shape.reduce(1, *))
  }

  private func write(_ bytes: TensorBytes) throws(SurgeonError) {
    let descriptor = try open()
    let isWritten = bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let count = pwrite(
          descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(fileEnd + done))
        if count <= 0 { return false }
        done += count
      }
      return true
    }
    guard isWritten else { throw failure("write") }
    fileEnd += bytes.count
  }

  private func read(_ offset: Int, _ count: Int) throws(SurgeonError) -> TensorBytes {
    let descriptor = try open()
    var isRead = true
    let bytes = TensorBytes(count: count) { buffer in
      var done = 0
      while done < count {
        let step = pread(
          descriptor, buffer.baseAddress! + done, count - done, off_t(offset + done))
        if step <= 0 {
          isRead = false
          return
        }
        done += step
      }
    }
    guard isRead else { throw failure("read") }
    return bytes
  }

  private func open() throws(SurgeonError) -> Int32 {
    if let descriptor { return descriptor }
    var path = Array("\(directory)/surgeon-XXXXXX".utf8CString)
    let opened = mkstemp(&path)
    guard opened >= 0 else { throw failure("make") }
    unlink(path)
    descriptor = opened
    return opened
  }

  private func failure(_ action: String) -> SurgeonError {
    SurgeonError(
      .io, "cannot \(action) the file of activations in '\(directory)'",
      detail: String(cString: strerror(errno)),
      hint: "name a directory on a disk with room: --workspace DIR")
  }
}
