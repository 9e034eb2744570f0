internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite

/// Reads a rule file. Nodes are read by the parser of ONNX's text syntax.
struct RuleFileParser {
  private var parser: TextParser

  init(_ text: String) { parser = TextParser(text, isRuleFile: true) }

  var scanner: TextScanner { parser.scanner }

  mutating func rules() throws(SurgeonError) -> [RuleText] {
    var rules: [RuleText] = []
    while parser.scanner.peek() != nil {
      let place = parser.scanner.position
      guard parser.scanner.identifier() == "rule" else {
        throw parser.scanner.error("'rule' expected", at: place)
      }
      let rule = try rule()
      if rules.contains(where: { $0.name.text == rule.name.text }) {
        throw parser.scanner.error(
          "there is a rule '\(rule.name.text)' already", at: rule.name.place)
      }
      rules.append(rule)
    }
    guard !rules.isEmpty else {
      throw parser.scanner.error(
        "the file holds no rule", hint: "rule NAME \"what it does\" { ... }")
    }
    return rules
  }

  private mutating func rule() throws(SurgeonError) -> RuleText {
    var rule = RuleText(name: try name("the name of a rule"))
    guard parser.scanner.isNext("\"") else {
      throw parser.scanner.error("a sentence in quotes expected, which says what the rule does")
    }
    rule.summary = try parser.scanner.string()
    try parser.scanner.expect("{")
    while !parser.scanner.accept("}") {
      parser.scanner.skipSpace()
      let place = parser.scanner.position
      switch try parser.scanner.expectIdentifier("match, where, replace or fidelity") {
      case "match":
        guard rule.match.isEmpty else {
          throw parser.scanner.error(
            "a rule has one 'match'", at: place,
            hint: "other ways to write the same stand after it: match { ... } or { ... }")
        }
        rule.match = try pattern()
        while parser.scanner.peekIdentifier() == "or" {
          _ = parser.scanner.identifier()
          rule.alternatives.append(try pattern())
        }
      case "where": rule.conditions += try conditions()
      case "replace": rule.replacement += try parser.nodes()
      case "fidelity":
        parser.scanner.skipSpace()
        let place = parser.scanner.position
        let word = parser.scanner.identifier()
        rule.fidelity = Fidelity(rawValue: word)
        guard rule.fidelity == .exact || rule.fidelity == .rounding || rule.fidelity == .approximate
        else {
          throw parser.scanner.error(
            "'\(word)' is no fidelity of a rule file", at: place,
            hint: "exact, rounding or approximate")
        }
      case let word:
        throw parser.scanner.error(
          "'\(word)' is no part of a rule", at: place, hint: "match, where, replace, fidelity")
      }
    }
    return rule
  }

  private mutating func pattern() throws(SurgeonError) -> [GraphText.NodeText] {
    parser.scanner.skipSpace()
    let place = parser.scanner.position
    let nodes = try parser.nodes()
    guard !nodes.isEmpty else { throw parser.scanner.error("a pattern has nodes", at: place) }
    return nodes
  }

  private mutating func name(_ what: String) throws(SurgeonError) -> GraphText.Name {
    parser.scanner.skipSpace()
    let place = parser.scanner.position
    return GraphText.Name(text: try parser.scanner.expectQuotableIdentifier(what), place: place)
  }

  /// `@axis`: the name that a pattern gives an attribute.
  private mutating func attributeName() throws(SurgeonError) -> GraphText.Name {
    parser.scanner.skipSpace()
    let place = parser.scanner.position
    try parser.scanner.expect("@")
    let name = try parser.scanner.expectQuotableIdentifier("the name of an attribute")
    return GraphText.Name(text: "@\(name)", place: place)
  }

  private mutating func names() throws(SurgeonError) -> [GraphText.Name] {
    var result: [GraphText.Name] = []
    repeat { result.append(try name("the name of a value")) } while parser.scanner.accept(",")
    return result
  }

  // MARK: Conditions

  private mutating func conditions() throws(SurgeonError) -> [ConditionText] {
    var result: [ConditionText] = []
    try parser.scanner.expect("{")
    while !parser.scanner.accept("}") {
      result.append(try condition())
      while parser.scanner.accept(";") {}
    }
    return result
  }

  private mutating func condition() throws(SurgeonError) -> ConditionText {
    parser.scanner.skipSpace()
    let place = parser.scanner.position
    let word = try parser.scanner.expectIdentifier("a condition")
    switch word {
    case "constant": return ConditionText(kind: .constant, names: try names(), place: place)
    case "not_constant":
      return ConditionText(kind: .notConstant, names: try names(), place: place)
    case "optional": return ConditionText(kind: .optional, names: try names(), place: place)
    case "used_once": return ConditionText(kind: .usedOnce, names: try names(), place: place)
    case "used_only_inside":
      return ConditionText(kind: .usedOnlyInside, names: try names(), place: place)
    case "rank":
      let names = try names()
      return ConditionText(kind: .rank(try range(upTo: 64)), names: names, place: place)
    case "shape":
      let names = try names()
      return ConditionText(kind: .shape(try sizes()), names: names, place: place)
    case "same_shape", "same_type":
      let names = try names()
      guard names.count > 1 else {
        throw parser.scanner.error("',' and another name expected")
      }
      return ConditionText(
        kind: word == "same_shape" ? .sameShape : .sameType, names: names, place: place)
    case "inverse":
      let first = try attributeName()
      try parser.scanner.expect(",")
      return ConditionText(
        kind: .inverse, names: [first, try attributeName()], place: place)
    case "type":
      let name = try name("the name of a value")
      var types: [String] = []
      repeat {
        parser.scanner.skipSpace()
        let place = parser.scanner.position
        let word = try parser.scanner.expectIdentifier("an element type")
        guard ElementType(name: word) != nil else {
          throw parser.scanner.error("'\(word)' is no element type", at: place)
        }
        types.append(word)
      } while parser.scanner.accept(",")
      return ConditionText(kind: .elementType(types), names: [name], place: place)
    case "equals":
      if parser.scanner.isNext("@") {
        let name = try attributeName()
        return ConditionText(
          kind: .attributeEquals(try parser.attributeValue()), names: [name], place: place)
      }
      let name = try name("the name of a constant")
      let number = try parser.scanner.double()
      var tolerance: Double?
      if parser.scanner.peekIdentifier() == "within" {
        _ = parser.scanner.identifier()
        tolerance = try parser.scanner.double()
      }
      return ConditionText(
        kind: .equals(number, tolerance: tolerance), names: [name], place: place)
    case "per_channel":
      let names = try names()
      guard parser.scanner.identifier() == "of" else {
        throw parser.scanner.error(
          "'of' expected", hint: "'per_channel k of y': k has one number per channel of y")
      }
      return ConditionText(
        kind: .perChannel(of: try name("the name of a value")), names: names, place: place)
    case "opset": return ConditionText(kind: .opset(try range(upTo: 1000)), place: place)
    default:
      let words = [
        "constant", "not_constant", "optional", "equals", "inverse", "used_once",
        "used_only_inside", "rank", "shape", "type", "same_shape", "same_type", "per_channel",
        "opset",
      ]
      throw parser.scanner.error(
        "'\(word)' is no condition", at: place,
        hint: OperatorSchemas.nearest(word, among: words).map { "do you mean '\($0)'?" }
          ?? words.joined(separator: ", "))
    }
  }

  /// `[2, ?, 3]`
  private mutating func sizes() throws(SurgeonError) -> [Int?] {
    var sizes: [Int?] = []
    try parser.scanner.expect("[")
    if parser.scanner.accept("]") { return sizes }
    repeat {
      sizes.append(parser.scanner.accept("?") ? nil : Int(try parser.scanner.int()))
    } while parser.scanner.accept(",")
    try parser.scanner.expect("]")
    return sizes
  }

  /// `4`, `2 to 5`, or `9 up`.
  private mutating func range(upTo limit: Int) throws(SurgeonError) -> ClosedRange<Int> {
    parser.scanner.skipSpace()
    let place = parser.scanner.position
    let low = Int(try parser.scanner.int())
    let high: Int
    switch parser.scanner.peekIdentifier() {
    case "to":
      _ = parser.scanner.identifier()
      high = Int(try parser.scanner.int())
    case "up":
      _ = parser.scanner.identifier()
      high = limit
    default: high = low
    }
    guard low >= 0, low <= high else {
      throw parser.scanner.error("no number lies in this range", at: place)
    }
    return low...high
  }
}
