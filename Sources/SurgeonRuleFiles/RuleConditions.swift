internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonShapes

/// The conditions of a rule that are decided when its whole pattern has matched.
struct RuleConditions {
  private let compiler: RuleCompiler
  private let variants: [RuleVariant]

  init(_ compiler: RuleCompiler, _ variants: [RuleVariant]) {
    (self.compiler, self.variants) = (compiler, variants)
  }

  func make() -> [Condition] {
    var result: [Condition] = []
    if let condition = opsetOfReplacement() { result.append(condition) }
    for condition in compiler.rule.conditions {
      let location = compiler.location(condition.place)
      switch condition.kind {
      case .opset(let versions):
        result.append(
          Condition(
            "the model uses opset \(versions.lowerBound) to \(versions.upperBound)", at: location
          ) { _, context in context.opset().map(versions.contains) ?? false })
      case .perChannel(let other):
        for name in condition.names {
          result.append(
            PerChannel(constant: name.text, other: other.text).condition(at: location))
        }
      case .attributeEquals(let wanted):
        result += condition.names.map { equals($0.text, wanted, location) }
      case .inverse:
        result.append(inverse(condition.names[0].text, condition.names[1].text, location))
      case .sameShape, .sameType:
        let first = condition.names[0].text
        for name in condition.names.dropFirst() {
          result.append(same(condition.kind, first, name.text, location))
        }
      default: break
      }
    }
    return result
  }

  /// The rule applies in the operator sets that have its replacement.
  private func opsetOfReplacement() -> Condition? {
    let all = variants[0].schemas.opsets
    let versions = Set(variants.flatMap { $0.schemas.opsetsOfReplacement() })
    guard versions.count < all.count, let first = versions.min(), let last = versions.max() else {
      return nil
    }
    return Condition(
      "the operators of the replacement are as in operator set \(first) to \(last)",
      remedy: "convert the model to such an operator set",
      at: compiler.location(compiler.rule.name.place)
    ) { _, context in
      guard let version = context.opset() else { return true }
      return versions.contains(version) || version > OperatorTable.latestOpset
    }
  }

  // MARK: Attributes

  private func source(_ name: String) -> AttributeSource {
    let sources = Set(variants.map { $0.attributes[name] ?? .various })
    return sources.count == 1 ? sources.first ?? .various : .various
  }

  private func equals(
    _ name: String, _ wanted: Attribute.Payload, _ location: SourceLocation
  ) -> Condition {
    let defaults = source(name).defaults
    let text = wanted.words
    return Condition("\(name) is \(text)", at: location) { match, context in
      var found = match.binding(name)
      if case .absent? = found { found = defaults.value(at: context.opset()) }
      guard let payload = found?.attributePayload else {
        throw Decline("\(name) is left out, the rule wants \(text)", node: match.root)
      }
      guard payload.words == text else {
        throw Decline("\(name) is \(payload.words), the rule wants \(text)", node: match.root)
      }
      return true
    }
  }

  /// Two permutations one after the other leave everything in its place. One that is left out turns
  /// the axes around.
  private func inverse(
    _ first: String, _ second: String, _ location: SourceLocation
  ) -> Condition {
    Condition("\(first) and \(second) undo each other", at: location) { match, _ in
      func axes(_ name: String) -> [Int]? {
        if case .ints(let axes)? = match.binding(name)?.attributePayload {
          return axes.map { Int($0) }
        }
        return nil
      }
      let (p, q) = (axes(first), axes(second))
      guard let rank = p?.count ?? q?.count else { return true }
      let reversed = Array((0..<rank).reversed())
      let (before, after) = (p ?? reversed, q ?? reversed)
      return before.count == after.count
        && after.enumerated().allSatisfy { axis, place in
          before.indices.contains(place) && before[place] == axis
        }
    }
  }

  // MARK: Types

  private func same(
    _ kind: ConditionText.Kind, _ first: String, _ second: String, _ location: SourceLocation
  ) -> Condition {
    let isShape = if case .sameShape = kind { true } else { false }
    let noun = isShape ? "shape" : "element type"
    return Condition("\(first) and \(second) have the same \(noun)", at: location) {
      match, context in
      var types: [ValueType] = []
      for name in [first, second] {
        guard let value = Value.ID.read(match.binding(name)) else { return false }
        let type = context.type(value)
        let isKnown = isShape ? type?.shape != nil : context.elementType(value) != nil
        guard let type, isKnown else {
          throw Decline(
            "the \(noun) of '\(context.model[value].name)' is not known", value: value,
            remedy: "record its type in the model, or give the sizes of the inputs")
        }
        types.append(type)
      }
      guard isShape else { return types[0].elementType == types[1].elementType }
      guard let a = types[0].shape, let b = types[1].shape, a.rank == b.rank else { return false }
      return zip(a.dimensions, b.dimensions).allSatisfy {
        $0.size == $1.size && $0.size != .unknown
      }
    }
  }
}

extension Attribute.Payload {
  /// A number, a string or a list as a rule file writes it.
  var words: String {
    switch self {
    case .float(let number): "\(number)"
    case .int(let number): "\(number)"
    case .string(let bytes): "\"\(String(decoding: bytes, as: UTF8.self))\""
    case .floats(let numbers): "\(numbers)"
    case .ints(let numbers): "\(numbers)"
    case .strings(let texts):
      "[\(texts.map { "\"\(String(decoding: $0, as: UTF8.self))\"" }.joined(separator: ", "))]"
    default: "of another type"
    }
  }
}
