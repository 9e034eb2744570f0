package import SurgeonIR

/// The words, numbers and signs of ONNX's textual syntax, with their places.
package struct TextScanner {
  /// A number or a string, as it is written.
  enum Literal {
    case int(String)
    case float(String)
    case string(String)
  }

  private let text: [UInt8]
  package private(set) var position = 0

  package init(_ text: String) { self.text = Array(text.utf8) }

  /// Goes back to a place where the scanner has been.
  package mutating func rewind(to place: Int) { position = place }

  // MARK: Signs

  /// Passes over spaces and over comments, which run from `#` to the end of the line.
  package mutating func skipSpace() {
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: " "), 9...13: position += 1
      case UInt8(ascii: "#"):
        while position < text.count, text[position] != UInt8(ascii: "\n") { position += 1 }
      default: return
      }
    }
  }

  /// The next byte that is no space; nil at the end.
  package mutating func peek() -> UInt8? {
    skipSpace()
    return position < text.count ? text[position] : nil
  }

  package mutating func isNext(_ sign: Unicode.Scalar) -> Bool { peek() == UInt8(ascii: sign) }

  /// Passes over `sign` if it comes next.
  package mutating func accept(_ sign: Unicode.Scalar) -> Bool {
    guard isNext(sign) else { return false }
    position += 1
    return true
  }

  package mutating func expect(_ sign: Unicode.Scalar) throws(SurgeonError) {
    guard accept(sign) else { throw error("'\(sign)' expected") }
  }

  /// `=>`, written without a space.
  package mutating func expectArrow() throws(SurgeonError) {
    try expect("=")
    guard position < text.count, text[position] == UInt8(ascii: ">") else {
      throw error("'=>' expected")
    }
    position += 1
  }

  // MARK: Names

  /// A name without quotes: a letter or `_`, then letters, digits and `_`. Empty if there is none.
  package mutating func identifier() -> String {
    skipSpace()
    let start = position
    guard let first = peek(), first.isLetter else { return "" }
    position += 1
    while position < text.count, text[position].isLetter || text[position].isDigit {
      position += 1
    }
    return String(decoding: text[start..<position], as: UTF8.self)
  }

  /// The name that comes next, which is not passed over.
  package mutating func peekIdentifier() -> String {
    let start = position
    defer { position = start }
    return identifier()
  }

  package mutating func expectIdentifier(_ what: String) throws(SurgeonError) -> String {
    let name = identifier()
    guard !name.isEmpty else { throw error("\(what) expected") }
    return name
  }

  /// A name, in quotes or not; nil if there is none.
  package mutating func quotableIdentifier() throws(SurgeonError) -> String? {
    if isNext("\"") { return try string() }
    let name = identifier()
    return name.isEmpty ? nil : name
  }

  package mutating func expectQuotableIdentifier(_ what: String) throws(SurgeonError) -> String {
    guard let name = try quotableIdentifier() else { throw error("\(what) expected") }
    return name
  }

  // MARK: Literals

  /// A string in quotes; a backslash takes the next character as it is.
  package mutating func string() throws(SurgeonError) -> String {
    try expect("\"")
    let start = position - 1
    var bytes: [UInt8] = []
    while position < text.count, text[position] != UInt8(ascii: "\"") {
      if text[position] == UInt8(ascii: "\\") { position += 1 }
      guard position < text.count else { break }
      bytes.append(text[position])
      position += 1
    }
    guard position < text.count else { throw error("the string has no end", at: start) }
    position += 1
    return String(decoding: bytes, as: UTF8.self)
  }

  mutating func literal() throws(SurgeonError) -> Literal {
    if isNext("\"") { return .string(try string()) }
    skipSpace()
    let start = position
    _ = accept("-")
    skipSpace()
    let sign = position > start ? "-" : ""
    if let word = specialFloat() { return .float(sign + word) }
    let first = position
    var isFloat = false
    while position < text.count {
      let byte = text[position]
      if byte == UInt8(ascii: "."), !isFloat, position > first {
        isFloat = true
      } else if !byte.isDigit {
        break
      }
      position += 1
    }
    guard position > first else {
      position = start
      throw error("a number or a string expected")
    }
    if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
      isFloat = true
      position += 1
      if position < text.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(text[position]) {
        position += 1
      }
      while position < text.count, text[position].isDigit { position += 1 }
    }
    let digits = sign + String(decoding: text[first..<position], as: UTF8.self)
    return isFloat ? .float(digits) : .int(digits)
  }

  /// `inf`, `infinity` or `nan`, in any case.
  mutating func specialFloat() -> String? {
    let start = position
    let word = identifier().lowercased()
    if ["inf", "infinity", "nan"].contains(word) { return word }
    position = start
    return nil
  }

  package mutating func int() throws(SurgeonError) -> Int64 {
    skipSpace()
    let start = position
    guard case .int(let digits) = try literal(), let value = Int64(digits) else {
      throw error("an integer of 64 bits expected", at: start)
    }
    return value
  }

  package mutating func double() throws(SurgeonError) -> Double {
    skipSpace()
    let start = position
    switch try literal() {
    case .int(let digits), .float(let digits):
      if let value = Double(digits), value.isFinite || !digits.contains(where: \.isNumber) {
        return value
      }
    case .string: break
    }
    throw error("a number expected", at: start)
  }

  // MARK: Errors

  /// The line of a place, from 1.
  package func line(at place: Int) -> Int {
    1 + text[..<min(place, text.count)].count { $0 == UInt8(ascii: "\n") }
  }

  /// An error at a place: line, column and the line with a caret under it.
  package func error(_ message: String, at place: Int? = nil, hint: String? = nil) -> SurgeonError {
    let place = min(place ?? position, text.count)
    let before = text[..<place]
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let end = text[place...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
    let line = 1 + before.count { $0 == UInt8(ascii: "\n") }
    let source = String(decoding: text[start..<end], as: UTF8.self)
    let column = String(decoding: text[start..<place], as: UTF8.self).count
    // Tabs stay, so that the caret stands under its character whatever their width.
    let indent = source.prefix(column).map { $0 == "\t" ? "\t" : " " }.joined()
    return SurgeonError(
      .syntax, message, at: ["line \(line), column \(column + 1)"],
      detail: "\n    \(source)\n    \(indent)^", hint: hint)
  }
}

extension UInt8 {
  fileprivate var isLetter: Bool {
    self | 0x20 >= UInt8(ascii: "a") && self | 0x20 <= UInt8(ascii: "z")
      || self == UInt8(ascii: "_")
  }
  fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}
