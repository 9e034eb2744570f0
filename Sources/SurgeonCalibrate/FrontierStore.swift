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
  private enum Entry {
    case memory(RuntimeValue)
    case disk(elementType: ElementType, shape: [Int], offset: Int, count: Int)
  }

  private let memoryLimit: Int
  private let directory: String
  private var entries: [String: [Int: Entry]] = [:]
  private var memoryInUse = 0
  private var descriptor: Int32?
  private var fileEnd = 0
  /// What has been written to disk so far.
  var spilledBytes: Int { fileEnd }

  init(memoryLimit: Int, directory: String) {
    self.memoryLimit = memoryLimit
    self.directory = directory
  }

  deinit {
    if let descriptor { close(descriptor) }
  }

  /// - Throws: `io` where the disk is full or the directory cannot be written.
  func put(_ value: RuntimeValue, of name: String, sample: Int) throws(SurgeonError) {
    let size = Self.byteCount(of: value)
    if size.map({ memoryInUse + $0 <= memoryLimit }) ?? true {
      memoryInUse += size ?? 0
      entries[name, default: [:]][sample] = .memory(value.withoutCopies())
    } else if let tensor = try value.plain().tensor {
      let bytes = try tensor.bytes()
      try write(bytes)
      entries[name, default: [:]][sample] = .disk(
        elementType: tensor.elementType, shape: tensor.shape, offset: fileEnd - bytes.count,
        count: bytes.count)
    }
  }

  /// The value of a sample.
  ///
  /// - Parameter isLast: nobody asks for it again, and its memory is free.
  func get(_ name: String, sample: Int, isLast: Bool) throws(SurgeonError) -> RuntimeValue {
    guard let entry = entries[name]?[sample] else {
      throw SurgeonError(.broken, "'\(name)' of sample \(sample) was not kept")
    }
    if isLast { entries[name]?[sample] = nil }
    switch entry {
    case .memory(let value):
      if isLast { memoryInUse -= Self.byteCount(of: value) ?? 0 }
      return value
    case .disk(let elementType, let shape, let offset, let count):
      return .tensor(
        Tensor(elementType: elementType, shape: shape, bytes: try read(offset, count)))
    }
  }

  /// Forgets values of all samples.
  func drop(_ names: [String]) {
    for name in names {
      for case .memory(let value) in entries.removeValue(forKey: name)?.values ?? [:].values {
        memoryInUse -= Self.byteCount(of: value) ?? 0
      }
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
