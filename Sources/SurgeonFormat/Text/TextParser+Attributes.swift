package import SurgeonIR

extension TextParser {
  /// - Parameter others: in a rule file, the name in `<name...>`.
  mutating func attributes(
    others: inout GraphText.Name?
  ) throws(SurgeonError) -> [GraphText.AttributeText] {
    var result: [GraphText.AttributeText] = []
    guard scanner.accept("<") else { return result }
    repeat {
      scanner.skipSpace()
      let place = scanner.position
      let name = try scanner.expectIdentifier("an attribute")
      if isRuleFile, try acceptEllipsis() {
        others = .init(text: name, place: place)
        break
      }
      guard !isRuleFile || !result.contains(where: { $0.name == name }) else {
        throw scanner.error("attribute '\(name)' is given twice", at: place)
      }
      var attribute = try attribute(named: name)
      attribute.place = place
      result.append(attribute)
    } while scanner.accept(",")
    try scanner.expect(">")
    return result
  }

  /// What follows an attribute's name: `: type = value`, where the type may be left out.
  mutating func attribute(named name: String) throws(SurgeonError) -> GraphText.AttributeText {
    var type: AttributeKind?
    if scanner.accept(":") {
      scanner.skipSpace()
      let place = scanner.position
      let word = try scanner.expectIdentifier("the type of an attribute")
      type = AttributeKind(rawValue: word)
      guard type != nil else {
        throw scanner.error(
          "'\(word)' is no type of an attribute", at: place,
          hint: AttributeKind.allCases.map(\.rawValue).joined(separator: ", "))
      }
    }
    try scanner.expect("=")
    scanner.skipSpace()
    let place = scanner.position
    let payload =
      scanner.isNext("[") ? try list(of: type) : try single(of: type)
    guard type == nil || payload.kind == nil || payload.kind == type else {
      throw scanner.error("the value of '\(name)' is of another type than declared", at: place)
    }
    return .init(name: name, payload: payload)
  }

  /// In a condition of a rule file: a number, a string or a list of either.
  package mutating func attributeValue() throws(SurgeonError) -> Attribute.Payload {
    scanner.skipSpace()
    let place = scanner.position
    let value = scanner.isNext("[") ? try list(of: nil) : try single(of: nil)
    switch value {
    case .plain(.float(let number)): return .float(number)
    case .plain(.int(let number)): return .int(number)
    case .plain(.string(let text)): return .string(text)
    case .plain(.floats(let numbers)): return .floats(numbers)
    case .plain(.ints(let numbers)): return .ints(numbers)
    case .plain(.strings(let texts)): return .strings(texts)
    default: throw scanner.error("a number, a string or a list of them expected", at: place)
    }
  }

  private mutating func list(
    of type: AttributeKind?
  ) throws(SurgeonError) -> GraphText.AttributeText.Payload {
    try scanner.expect("[")
    scanner.skipSpace()
    let place = scanner.position
    if scanner.accept("]") {
      guard let type else {
        throw scanner.error(
          "an empty list needs a type", at: place, hint: "such as 'axes: ints = []'")
      }
      guard let empty = type.emptyList else {
        throw scanner.error("'\(type.rawValue)' is not the type of a list", at: place)
      }
      return .plain(empty)
    }
    var elements: [GraphText.AttributeText.Payload] = []
    repeat {
      scanner.skipSpace()
      let place = scanner.position
      let element = try single(of: type?.element)
      guard elements.isEmpty || elements[0].kind == element.kind,
        element.kind != nil
      else { throw scanner.error("the elements of a list must be of one type", at: place) }
      elements.append(element)
    } while scanner.accept(",")
    try scanner.expect("]")
    return GraphText.AttributeText.Payload(listOf: elements)
  }

  private mutating func single(
    of type: AttributeKind?
  ) throws(SurgeonError) -> GraphText.AttributeText.Payload {
    if scanner.accept("@") {
      let name = try scanner.expectQuotableIdentifier("the name of an attribute")
      return .plain(.reference(to: name, typeCode: type?.code ?? 0))
    }
    if isTypeNext() {
      let place = scanner.position
      let valueType = try self.type()
      // A tensor has a name, an equals sign or its elements after the type.
      let isTensor =
        scanner.isNext("{") || scanner.isNext("=") || scanner.isNext("\"")
        || !scanner.peekIdentifier().isEmpty
      guard isTensor else { return .plain(.type(valueType)) }
      _ = try scanner.quotableIdentifier()
      _ = scanner.accept("=")
      return .plain(.tensor(try tensor(of: valueType, at: place)))
    }
    let start = scanner.position
    if !scanner.peekIdentifier().isEmpty, scanner.specialFloat() == nil {
      return .graph(try graph())
    }
    scanner.rewind(to: start)
    if type == .float { return .plain(.float(Float(try scanner.double()))) }
    scanner.skipSpace()
    let place = scanner.position
    switch try scanner.literal() {
    case .string(let text): return .plain(.string(Array(text.utf8)))
    case .float(let digits):
      guard let number = Float(digits) else { break }
      return .plain(.float(number))
    case .int(let digits):
      guard let number = Int64(digits) else { break }
      return .plain(.int(number))
    }
    throw scanner.error("a number of this size cannot be stored", at: place)
  }
}
