public import SurgeonIR

extension PlanValue {
  /// Reads the part of TOML 1.0 that a plan needs: comments, `key = value` with bare or quoted
  /// keys, strings in double or single quotes, numbers, Booleans, arrays on one or more lines,
  /// `[table]` and `[[array of tables]]` with plain names. Dotted keys, inline tables, dates and
  /// strings of several lines are refused with their line.
  ///
  /// - Throws: `syntax`, with the line.
  public static func parse(toml text: String) throws(SurgeonError) -> PlanValue {
    var scanner = PlanScanner(text)
    var root: [Member] = []
    // Where `key = value` goes: the root, or the table that a header opened last.
    var header: (name: String, isElement: Bool)?
    var current: [Member] = []
    while true {
      skipLines(&scanner)
      guard let next = scanner.peek else { break }
      if next == "[" {
        try close(header, current, into: &root, scanner)
        scanner.advance()
        let isElement = scanner.take("[")
        let name = try key(&scanner)
        skipBlanks(&scanner)
        try scanner.expect("]")
        if isElement { try scanner.expect("]") }
        header = (name, isElement)
        current = []
      } else {
        let name = try key(&scanner)
        skipBlanks(&scanner)
        guard scanner.peek != "." else { throw scanner.error("dotted keys are not read") }
        try scanner.expect("=")
        guard !current.contains(where: { $0.key == name }) else {
          throw scanner.error("'\(name)' is given twice")
        }
        current.append(Member(name, try toml(&scanner, depth: 0)))
      }
      skipBlanks(&scanner)
      skipComment(&scanner)
      guard scanner.isAtEnd || scanner.peek == "\n" || scanner.peek == "\r" else {
        throw scanner.error("the end of the line expected")
      }
    }
    try close(header, current, into: &root, scanner)
    return .table(root)
  }

  private static func close(
    _ header: (name: String, isElement: Bool)?, _ members: [Member], into root: inout [Member],
    _ scanner: PlanScanner
  ) throws(SurgeonError) {
    guard let header else {
      root = members
      return
    }
    guard let index = root.firstIndex(where: { $0.key == header.name }) else {
      root.append(
        Member(header.name, header.isElement ? .array([.table(members)]) : .table(members)))
      return
    }
    guard header.isElement, case .array(let elements) = root[index].value else {
      throw scanner.error("'\(header.name)' is given twice")
    }
    root[index].value = .array(elements + [.table(members)])
  }

  private static func toml(
    _ scanner: inout PlanScanner, depth: Int
  ) throws(SurgeonError) -> PlanValue {
    guard depth < 64 else { throw scanner.error("nested too deeply") }
    skipBlanks(&scanner)
    switch scanner.peek {
    case "\"": return .string(try scanner.quotedString())
    case "'": return .string(try literal(&scanner))
    case "{": throw scanner.error("inline tables are not read")
    case "[":
      scanner.advance()
      var elements: [PlanValue] = []
      while true {
        skipLines(&scanner)
        if scanner.take("]") { return .array(elements) }
        elements.append(try toml(&scanner, depth: depth + 1))
        skipLines(&scanner)
        if !scanner.take(",") {
          try scanner.expect("]")
          return .array(elements)
        }
      }
    default:
      if scanner.take("true") { return .bool(true) }
      if scanner.take("false") { return .bool(false) }
      return .number(try scanner.number())
    }
  }

  private static func key(_ scanner: inout PlanScanner) throws(SurgeonError) -> String {
    skipBlanks(&scanner)
    if scanner.peek == "\"" { return try scanner.quotedString() }
    if scanner.peek == "'" { return try literal(&scanner) }
    let bare = scanner.text {
      $0.properties.isAlphabetic && $0.isASCII || ("0"..."9").contains($0) || $0 == "_"
        || $0 == "-"
    }
    guard !bare.isEmpty else { throw scanner.error("a key expected") }
    return bare
  }

  private static func literal(_ scanner: inout PlanScanner) throws(SurgeonError) -> String {
    try scanner.expect("'")
    let text = scanner.text { $0 != "'" && $0 != "\n" }
    try scanner.expect("'")
    return text
  }

  private static func skipBlanks(_ scanner: inout PlanScanner) {
    scanner.skip { $0 == " " || $0 == "\t" }
  }

  private static func skipComment(_ scanner: inout PlanScanner) {
    if scanner.peek == "#" { scanner.skip { $0 != "\n" } }
  }

  private static func skipLines(_ scanner: inout PlanScanner) {
    while true {
      scanner.skip { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" }
      guard scanner.peek == "#" else { return }
      skipComment(&scanner)
    }
  }
}
