internal import SurgeonLibc

/// The trust boundary: one linear pass over a message and everything in it, weights excepted.
///
/// What passes may be given to protobuf-c, which overflows its stack on deep nesting, merges
/// repeated singular messages in quadratic time, and cuts text at a NUL.
struct WireCheck {
  /// Graphs within graphs. Python's reader refuses at 50.
  static let deepestGraph = 100
  /// Messages within messages below one graph: types of types of types.
  static let deepestMessage = 64

  private let file: SourceFile
  private let bytes: UnsafeRawBufferPointer
  /// Where tensors with external data stand, wherever they are in the file.
  private(set) var externalTensors: [Range<Int>] = []
  private let schema = Schema.shared

  init(_ file: SourceFile) {
    self.file = file
    bytes = file.bytes
  }

  /// Where a fault lies, from the outermost message in: `graph.node[3].attribute[0]`.
  struct Failure: Error {
    var path: [String]
    let fault: WireFault
  }

  mutating func check(_ range: Range<Int>, as message: Int) throws(Failure) {
    try check(range, as: message, depth: 0, graphs: 0)
  }

  private mutating func check(
    _ range: Range<Int>, as message: Int, depth: Int, graphs: Int
  ) throws(Failure) {
    let isGraph = message == schema.graph
    let depth = isGraph ? 0 : depth
    let graphs = isGraph ? graphs + 1 : graphs
    guard depth <= Self.deepestMessage, graphs <= Self.deepestGraph else {
      let limit =
        isGraph ? "\(Self.deepestGraph) graphs" : "\(Self.deepestMessage) messages"
      throw fail(range.lowerBound, "more than \(limit) are nested here")
    }
    let rules = schema.messages[message].rules
    var reader = WireReader(bytes, range)
    var seen: UInt64 = 0
    var isExternal = false
    var index = 0
    while let field = try next(&reader) {
      index += 1
      guard Int(field.number) < rules.count else { continue }
      let rule = rules[Int(field.number)]
      guard rule.kind != .unknown else { continue }
      if !rule.isRepeated, rule.kind == .message {
        guard seen & 1 << UInt64(field.number) == 0 else {
          throw fail(field.start, "field '\(name(field, message))' is there twice")
        }
        seen |= 1 << UInt64(field.number)
      }
      try check(field, rule, message)
      if rule.kind == .message {
        do {
          try check(field.payload, as: rule.message, depth: depth + 1, graphs: graphs)
        } catch {
          var failure = error
          failure.path.insert(place(of: field, in: range, message, rule), at: 0)
          throw failure
        }
      }
      if message == schema.tensor, field.number == 14 {
        isExternal = bytes[field.payload.lowerBound] == 1
      }
    }
    if isExternal { externalTensors.append(range) }
  }

  private func next(_ reader: inout WireReader) throws(Failure) -> WireField? {
    do {
      let field = try reader.next()
      if let field { file.forget(field.payload) }
      return field
    } catch {
      throw Failure(path: [], fault: error)
    }
  }

  private func check(
    _ field: WireField, _ rule: Schema.Rule, _ message: Int
  ) throws(Failure) {
    let isFitting: Bool =
      switch rule.kind {
      case .unknown: true
      case .varint: field.type == .varint || rule.isRepeated && field.type == .bytes
      case .fixed32: field.type == .fixed32 || rule.isRepeated && field.type == .bytes
      case .fixed64: field.type == .fixed64 || rule.isRepeated && field.type == .bytes
      case .bytes, .text, .name, .message: field.type == .bytes
      }
    guard isFitting else {
      throw fail(
        field.start, "field '\(name(field, message))' cannot have wire type \(field.type.rawValue)")
    }
    guard field.type == .bytes else { return }
    switch rule.kind {
    case .varint:
      if !field.payload.isEmpty, bytes[field.payload.upperBound - 1] >= 0x80 {
        throw fail(field.start, "the numbers of field '\(name(field, message))' end within one")
      }
    case .fixed32, .fixed64:
      let width = rule.kind == .fixed32 ? 4 : 8
      if field.payload.count % width != 0 {
        throw fail(
          field.start, "field '\(name(field, message))' is no whole number of \(width)-byte numbers"
        )
      }
    case .text, .name: try checkText(field, rule, message)
    case .unknown, .bytes, .message: break
    }
  }

  private func checkText(
    _ field: WireField, _ rule: Schema.Rule, _ message: Int
  ) throws(Failure) {
    let text = UnsafeRawBufferPointer(rebasing: bytes[field.payload])
    var isASCII = true
    for (index, byte) in text.enumerated() {
      if byte == 0 {
        throw fail(
          field.payload.lowerBound + index, "the text of '\(name(field, message))' holds a NUL")
      }
      if byte >= 0x80 { isASCII = false }
    }
    if rule.kind == .name, !isASCII, String(validating: text, as: UTF8.self) == nil {
      throw fail(field.payload.lowerBound, "'\(name(field, message))' is not UTF-8")
    }
  }

  private func name(_ field: WireField, _ message: Int) -> String {
    schema.messages[message].fieldNames[Int(field.number)]
  }

  /// The element of a field path; counts the fields before this one, which only failures pay for.
  private func place(
    of field: WireField, in range: Range<Int>, _ message: Int, _ rule: Schema.Rule
  ) -> String {
    guard rule.isRepeated else { return name(field, message) }
    var reader = WireReader(bytes, range)
    var index = 0
    while let other = try? reader.next(), other.start < field.start {
      if other.number == field.number { index += 1 }
    }
    return "\(name(field, message))[\(index)]"
  }

  private func fail(_ offset: Int, _ reason: String) -> Failure {
    Failure(path: [], fault: WireFault(offset: offset, reason: reason))
  }
}
