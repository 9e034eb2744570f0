internal import COnnx
internal import CProtobufC
internal import SurgeonIR

/// Turns checked messages of one file into values of the IR, with protobuf-c doing the decoding.
///
/// A message that can hold weights or graphs is never handed over whole: its long fields are cut
/// out first, and what remains (the skeleton) is what protobuf-c sees. Each message becomes values
/// of Swift before the next one is decoded, so that one arena serves them all.
struct MessageDecoder {
  let file: SourceFile
  let externalFiles: ExternalFiles
  let arena = ProtobufArena()

  init(_ file: SourceFile) {
    self.file = file
    externalFiles = ExternalFiles(
      directory: file.isOnDisk ? ExternalFiles.directory(of: file.path) : nil)
  }

  /// A message without some of its fields, and those fields.
  struct Skeleton {
    var bytes: UnsafeRawBufferPointer
    var cut: [WireField] = []
  }

  /// Field numbers up to 62; bit 63 stands for all above.
  struct FieldSet {
    let bits: UInt64
    init(_ numbers: UInt64...) { bits = numbers.reduce(0) { $0 | 1 << min($1, 63) } }
    /// Every field from `number` on.
    init(from number: UInt64, and others: UInt64...) {
      bits = others.reduce(~0 << number) { $0 | 1 << $1 }
    }
    func contains(_ number: UInt32) -> Bool { bits & 1 << UInt64(min(number, 63)) != 0 }
  }

  func fields(in range: Range<Int>) -> WireReader { WireReader(file.bytes, range) }

  func skeleton(of range: Range<Int>, cutting set: FieldSet) throws(SurgeonError) -> Skeleton {
    var cut: [WireField] = []
    var reader = fields(in: range)
    while let field = try next(&reader) {
      if set.contains(field.number) { cut.append(field) }
    }
    let whole = UnsafeRawBufferPointer(rebasing: file.bytes[range])
    guard !cut.isEmpty else { return Skeleton(bytes: whole) }
    let kept = range.count - cut.reduce(0) { $0 + $1.whole.count }
    let buffer = arena.allocate(max(kept, 1))
    var length = 0
    var position = range.lowerBound
    func keep(upTo end: Int) {
      guard position < end else { return }
      (buffer + length).copyMemory(from: file.base + position, byteCount: end - position)
      length += end - position
    }
    for field in cut {
      keep(upTo: field.start)
      position = field.whole.upperBound
    }
    keep(upTo: range.upperBound)
    return Skeleton(bytes: UnsafeRawBufferPointer(start: buffer, count: length), cut: cut)
  }

  /// The next field. What was checked before cannot fail; the error is for what was not.
  func next(_ reader: inout WireReader) throws(SurgeonError) -> WireField? {
    do {
      let field = try reader.next()
      if let field { file.forget(field.payload) }
      return field
    } catch {
      throw malformed(error)
    }
  }

  func malformed(_ fault: WireFault, path: [String] = []) -> SurgeonError {
    let field = path.joined(separator: ".")
    return SurgeonError(
      .malformedModel, "the file is not a well-formed ONNX model",
      at: path.isEmpty ? [] : [field],
      detail: "\(fault.reason) (byte \(fault.offset.grouped))")
  }

  /// Calls one of protobuf-c's unpack functions. The message lives until the arena is reset.
  func unpack<Message>(
    _ bytes: UnsafeRawBufferPointer,
    _ unpack: (UnsafeMutablePointer<ProtobufCAllocator>?, Int, UnsafePointer<UInt8>?) ->
      UnsafeMutablePointer<Message>?
  ) throws(SurgeonError) -> Message {
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard let message = unpack(arena.allocator, bytes.count, start) else {
      throw SurgeonError(
        .malformedModel, "the file is not a well-formed ONNX model",
        detail: "a message of type \(Message.self) does not decode")
    }
    return message.pointee
  }

  func string(_ range: Range<Int>) -> String {
    String(decoding: UnsafeRawBufferPointer(rebasing: file.bytes[range]), as: UTF8.self)
  }

  func string(_ text: UnsafeMutablePointer<CChar>?) -> String {
    text.map { String(cString: $0) } ?? ""
  }

  func bytes(_ data: ProtobufCBinaryData) -> [UInt8] {
    Array(UnsafeBufferPointer(start: data.data, count: data.len))
  }

  func origin(_ range: Range<Int>) -> Origin {
    Origin(source: file.number, offset: range.lowerBound, count: range.count)
  }

  func pairs(
    _ count: Int,
    _ entries: UnsafeMutablePointer<UnsafeMutablePointer<Onnx__StringStringEntryProto>?>?
  ) -> [StringPair] {
    elements(count, entries).map { StringPair(string($0.key), string($0.value)) }
  }

  /// The messages of a repeated field.
  func elements<Message>(
    _ count: Int, _ list: UnsafeMutablePointer<UnsafeMutablePointer<Message>?>?
  ) -> [Message] {
    UnsafeBufferPointer(start: list, count: count).compactMap { $0?.pointee }
  }

  /// The strings of a repeated field.
  func strings(
    _ count: Int, _ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
  ) -> [String] {
    UnsafeBufferPointer(start: list, count: count).map { string($0) }
  }
}

extension Int {
  /// With a comma between groups of three digits, as messages for people have it.
  var grouped: String {
    var digits = String(magnitude)
    var end = digits.count - 3
    while end > 0 {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: end))
      end -= 3
    }
    return self < 0 ? "-\(digits)" : digits
  }
}

/// Adds a place to the errors that `body` throws.
func located<Result>(
  _ place: @autoclosure () -> String, _ body: () throws(SurgeonError) -> Result
) throws(SurgeonError) -> Result {
  do { return try body() } catch { throw error.within(place()) }
}
