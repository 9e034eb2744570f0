internal import SurgeonIR

/// What one version of an operator takes and gives, as a line of `OperatorTable` says it.
struct OperatorSchema {
  struct Parameter {
    /// Parameters with the same variable have the same element type; empty: bound to no other.
    var variable: Substring
    /// nil where other values than tensors may stand there.
    var types: ElementTypes?
    var isVariadic = false
  }

  struct AttributeSchema {
    var name: Substring
    /// The letter of the table: `i`, `F`, `t`.
    var type: Character
    var isRequired: Bool
    /// What stands for it where it is not given; nil where that is nothing, or no single value.
    var defaultValue: Attribute.Payload?
  }

  /// The first operator set that has this version.
  let since: Int
  let isDeprecated: Bool
  private(set) var inputCounts = 0...Int.max
  private(set) var outputCounts = 0...Int.max
  private(set) var inputs: [Parameter] = []
  private(set) var outputs: [Parameter] = []
  private(set) var attributes: [AttributeSchema] = []

  /// - Parameter words: of a line, without the operator's name. The table is made by a script and
  ///   compared with its source in a test, so a word that is not understood cannot stand in it; it
  ///   would demand nothing.
  init(words: some Collection<Substring>) {
    var words = Array(words)[...]
    since = words.popFirst().flatMap { Int($0) } ?? 1
    isDeprecated = words.first == "-"
    guard words.count > 2 else { return }
    inputCounts = Self.range(words.removeFirst())
    outputCounts = Self.range(words.removeFirst())
    let parts = words.split(separator: ">", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return }
    let tail = parts[1].split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
    inputs = parts[0].map(Self.parameter)
    outputs = tail[0].map(Self.parameter)
    if tail.count == 2 { attributes = tail[1].map(Self.attribute) }
  }

  /// The parameter at a place; the last one repeats where it is variadic.
  static func parameter(_ index: Int, of parameters: [Parameter]) -> Parameter? {
    if index < parameters.count { return parameters[index] }
    return parameters.last.flatMap { $0.isVariadic ? $0 : nil }
  }

  func attribute(_ name: String) -> AttributeSchema? { attributes.first { $0.name == name } }

  private static func range(_ word: Substring) -> ClosedRange<Int> {
    let ends = word.split(separator: "-", omittingEmptySubsequences: false)
    let low = Int(ends[0]) ?? 0
    return low...max(low, ends.count > 1 ? Int(ends[1]) ?? .max : .max)
  }

  private static func parameter(_ word: Substring) -> Parameter {
    var word = word
    let option = word.last.flatMap { "?*~".contains($0) ? word.removeLast() : nil }
    let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let bits = parts.count > 1 ? UInt32(parts[1], radix: 16) : nil
    return Parameter(
      // Each repetition has a type of its own.
      variable: option == "~" ? "" : parts[0], types: bits.map(ElementTypes.init(rawValue:)),
      isVariadic: option == "*" || option == "~")
  }

  private static func attribute(_ word: Substring) -> AttributeSchema {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let rest = parts.count > 1 ? parts[1] : ""
    let type = rest.first ?? "?"
    let tail = rest.dropFirst()
    return AttributeSchema(
      name: parts[0], type: type, isRequired: tail == "!",
      defaultValue: tail.first == ":" ? payload(tail.dropFirst(), type) : nil)
  }

  private static func payload(_ word: Substring, _ type: Character) -> Attribute.Payload? {
    switch type {
    case "i": Int64(word).map { .int($0) }
    case "f": Float(word).map { .float($0) }
    case "s": .string(Array(word.utf8))
    default: nil
    }
  }
}

/// A set of element types.
struct ElementTypes: OptionSet {
  let rawValue: UInt32

  init(rawValue: UInt32) { self.rawValue = rawValue }

  init(_ type: ElementType) {
    rawValue = type == .undefined ? 0 : 1 << UInt32(type.rawValue - 1)
  }

  static let all = ElementTypes(rawValue: .max)

  var members: [ElementType] {
    ElementType.allCases.filter { $0 != .undefined && contains(ElementTypes($0)) }
  }

  /// `float or int64`.
  var text: String { members.map(\.name).joined(separator: " or ") }
}
