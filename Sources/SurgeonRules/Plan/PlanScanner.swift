internal import SurgeonIR

/// The characters of a plan file and a position among them, with what JSON and TOML have in common:
/// quoted strings, numbers and error messages with a line number.
struct PlanScanner {
  private let characters: [Unicode.Scalar]
  private var position = 0

  init(_ text: String) { characters = Array(text.unicodeScalars) }

  var peek: Unicode.Scalar? { position < characters.count ? characters[position] : nil }
  var isAtEnd: Bool { position >= characters.count }

  mutating func advance() { position += 1 }

  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == scalar else { return false }
    position += 1
    return true
  }

  mutating func take(_ word: String) -> Bool {
    let scalars = Array(word.unicodeScalars)
    guard position + scalars.count <= characters.count,
      Array(characters[position..<(position + scalars.count)]) == scalars
    else { return false }
    position += scalars.count
    return true
  }

  mutating func expect(_ scalar: Unicode.Scalar) throws(SurgeonError) {
    guard take(scalar) else { throw error("'\(scalar)' expected") }
  }

  mutating func skip(_ isSkipped: (Unicode.Scalar) -> Bool) {
    while let scalar = peek, isSkipped(scalar) { position += 1 }
  }

  mutating func text(while isPart: (Unicode.Scalar) -> Bool) -> String {
    let start = position
    skip(isPart)
    var text = ""
    text.unicodeScalars.append(contentsOf: characters[start..<position])
    return text
  }

  /// A string in double quotes; the opening one is next.
  mutating func quotedString() throws(SurgeonError) -> String {
    try expect("\"")
    var result = ""
    while let scalar = peek {
      position += 1
      switch scalar {
      case "\"": return result
      case "\\": result.unicodeScalars.append(try escape())
      case "\n": throw error("a string ends on the line it starts on")
      default: result.unicodeScalars.append(scalar)
      }
    }
    throw error("a string is not closed")
  }

  private mutating func escape() throws(SurgeonError) -> Unicode.Scalar {
    guard let scalar = peek else { throw error("a string is not closed") }
    position += 1
    switch scalar {
    case "\"", "\\", "/": return scalar
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "b": return "\u{8}"
    case "f": return "\u{C}"
    case "u":
      let first = try hexadecimal()
      guard (0xD800..<0xDC00).contains(first) else {
        guard let result = Unicode.Scalar(first) else { throw error("half a surrogate pair") }
        return result
      }
      guard take("\\u") else { throw error("half a surrogate pair") }
      let second = try hexadecimal()
      guard (0xDC00..<0xE000).contains(second),
        let result = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      else { throw error("half a surrogate pair") }
      return result
    default: throw error("'\\\(scalar)' is no escape")
    }
  }

  private mutating func hexadecimal() throws(SurgeonError) -> UInt32 {
    guard position + 4 <= characters.count else { throw error("four digits expected after \\u") }
    var digits = ""
    digits.unicodeScalars.append(contentsOf: characters[position..<(position + 4)])
    guard let value = UInt32(digits, radix: 16), !digits.hasPrefix("+") else {
      throw error("four digits expected after \\u")
    }
    position += 4
    return value
  }

  /// A decimal number.
  mutating func number() throws(SurgeonError) -> Double {
    let text = text { "+-.eE_0123456789infa".unicodeScalars.contains($0) }
    let digits = text.filter { $0 != "_" }
    guard let number = Double(digits), !number.isNaN else {
      throw error(text.isEmpty ? "a value expected" : "'\(text)' is no number")
    }
    return number
  }

  func error(_ what: String) -> SurgeonError {
    let line = characters[..<min(position, characters.count)].count { $0 == "\n" } + 1
    return SurgeonError(.syntax, "the plan does not parse", at: ["line \(line)"], detail: what)
  }
}
