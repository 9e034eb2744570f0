public import SurgeonIR

extension PlanValue {
  /// Reads JSON (RFC 8259).
  ///
  /// - Throws: `syntax`, with the line.
  public static func parse(json text: String) throws(SurgeonError) -> PlanValue {
    var scanner = PlanScanner(text)
    let value = try json(&scanner, depth: 0)
    scanner.skip(isJSONSpace)
    guard scanner.isAtEnd else { throw scanner.error("nothing more expected") }
    return value
  }

  private static func isJSONSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
  }

  private static func json(
    _ scanner: inout PlanScanner, depth: Int
  ) throws(SurgeonError) -> PlanValue {
    guard depth < 64 else { throw scanner.error("nested too deeply") }
    scanner.skip(isJSONSpace)
    switch scanner.peek {
    case "\"": return .string(try scanner.quotedString())
    case "{":
      var members: [Member] = []
      try list(&scanner, open: "{", close: "}") { (scanner) throws(SurgeonError) in
        let key = try scanner.quotedString()
        scanner.skip(isJSONSpace)
        try scanner.expect(":")
        members.append(Member(key, try json(&scanner, depth: depth + 1)))
      }
      return .table(members)
    case "[":
      var elements: [PlanValue] = []
      try list(&scanner, open: "[", close: "]") { (scanner) throws(SurgeonError) in
        elements.append(try json(&scanner, depth: depth + 1))
      }
      return .array(elements)
    default:
      if scanner.take("true") { return .bool(true) }
      if scanner.take("false") { return .bool(false) }
      if scanner.take("null") { return .null }
      return .number(try scanner.number())
    }
  }

  private static func list(
    _ scanner: inout PlanScanner, open: Unicode.Scalar, close: Unicode.Scalar,
    element: (inout PlanScanner) throws(SurgeonError) -> Void
  ) throws(SurgeonError) {
    try scanner.expect(open)
    scanner.skip(isJSONSpace)
    if scanner.take(close) { return }
    repeat {
      scanner.skip(isJSONSpace)
      try element(&scanner)
      scanner.skip(isJSONSpace)
    } while scanner.take(",")
    try scanner.expect(close)
  }
}
