internal import SurgeonIR

/// A reader of the few Python literals that a .npy header is made of.
struct PythonLiteral {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// Reads `{'key': value, ...}`; `value` reads what belongs to a key.
  mutating func dictionary(
    _ value: (String, inout PythonLiteral) throws(SurgeonError) -> Void
  ) throws(SurgeonError) {
    try expect("{")
    while !accept("}") {
      let key = try string()
      try expect(":")
      try value(key, &self)
      if !accept(",") {
        try expect("}")
        return
      }
    }
  }

  /// A quoted string, or nil at the beginning of a list (a structured type).
  mutating func stringOrList() throws(SurgeonError) -> String? {
    peek() == UInt8(ascii: "[") ? nil : try string()
  }

  mutating func string() throws(SurgeonError) -> String {
    guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw unexpected("a string")
    }
    rest.removeFirst()
    guard let end = rest.firstIndex(of: quote) else { throw unexpected("a closing quote") }
    let text = String(decoding: rest[..<end], as: UTF8.self)
    rest = rest[(end + 1)...]
    return text
  }

  mutating func bool() throws(SurgeonError) -> Bool {
    switch word() {
    case "True": true
    case "False": false
    default: throw unexpected("True or False")
    }
  }

  mutating func intTuple() throws(SurgeonError) -> [Int] {
    try expect("(")
    var numbers: [Int] = []
    while !accept(")") {
      // Python 2 wrote long integers with an L.
      let digits = word()
      guard let number = Int(digits.hasSuffix("L") ? digits.dropLast() : digits[...]), number >= 0
      else { throw unexpected("a size") }
      numbers.append(number)
      if !accept(",") {
        try expect(")")
        break
      }
    }
    return numbers
  }

  private mutating func word() -> String {
    _ = peek()
    let end = rest.firstIndex { !Self.isWord($0) } ?? rest.endIndex
    defer { rest = rest[end...] }
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  /// The next byte that is no blank.
  private mutating func peek() -> UInt8? {
    rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") || $0 == 9 }
    return rest.first
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(SurgeonError) {
    guard accept(character) else { throw unexpected("'\(character)'") }
  }

  private func unexpected(_ wanted: String) -> SurgeonError {
    SurgeonError(
      .invalidData, "the .npy header does not parse",
      detail: "\(wanted) expected before '\(String(decoding: rest.prefix(20), as: UTF8.self))'")
  }
}
