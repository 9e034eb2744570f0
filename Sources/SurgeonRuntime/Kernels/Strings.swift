internal import SurgeonIR

/// Operators on tensors of strings. Bytes are taken for UTF-8.
enum Strings {
  /// StringConcat: elementwise, with broadcasting.
  @Sendable static func concat(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let (x, y) = (try call.tensor(0), try call.tensor(1))
    let shape = try Sizes.broadcast(x.shape, y.shape)
    let a = try call.broadcast(x, to: shape).strings()
    let b = try call.broadcast(y, to: shape).strings()
    let result = zip(a, b).map { $0 + $1 }
    return [strings(result, shape)]
  }

  /// StringSplit: the pieces along a new last axis, padded with empty strings, and their number.
  ///
  /// Without a delimiter runs of white space separate, and none stands at the ends.
  @Sendable static func split(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0)
    let delimiter = call.node.string("delimiter") ?? ""
    let limit = call.node.int("maxsplit") ?? -1
    var pieces: [[[UInt8]]] = []
    for text in try x.strings() {
      let text = String(decoding: text, as: UTF8.self)
      let parts =
        delimiter.isEmpty
        ? splitAtSpace(text, limit) : splitAt(delimiter, text, limit)
      pieces.append(parts.map { Array($0.utf8) })
    }
    let width = pieces.map(\.count).max() ?? 0
    let padded = pieces.flatMap { $0 + Array(repeating: [], count: width - $0.count) }
    let counts = Tensor(pieces.map { Int64($0.count) }, shape: x.shape)
    return [strings(padded, x.shape + [width]), .tensor(counts)]
  }

  private static func splitAtSpace(_ text: String, _ limit: Int) -> [String] {
    var parts: [String] = []
    var rest = text[...].drop(while: \.isWhitespace)
    while !rest.isEmpty {
      if limit >= 0, parts.count == limit {
        parts.append(String(rest))
        break
      }
      let word = rest.prefix { !$0.isWhitespace }
      parts.append(String(word))
      rest = rest[word.endIndex...].drop(while: \.isWhitespace)
    }
    return parts
  }

  private static func splitAt(_ delimiter: String, _ text: String, _ limit: Int) -> [String] {
    let separators = limit < 0 ? Int.max : limit
    return text.split(separator: delimiter, maxSplits: separators, omittingEmptySubsequences: false)
      .map(String.init)
  }

  /// StringNormalizer: drops stop words, then changes case. What is left of nothing is one empty
  /// string.
  @Sendable static func normalize(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0)
    guard x.shape.count == 1 || (x.shape.count == 2 && x.shape[0] == 1) else {
      throw call.failure("StringNormalizer takes [C] or [1, C], not \(x.shape)")
    }
    let isCaseSensitive = call.node.flag("is_case_sensitive")
    let fold = { (text: String) in isCaseSensitive ? text : text.lowercased() }
    let stopWords = Set(
      (call.node.strings("stopwords") ?? []).map { fold(String(decoding: $0, as: UTF8.self)) })
    var words = try x.strings().map { String(decoding: $0, as: UTF8.self) }
    words.removeAll { stopWords.contains(fold($0)) }
    switch call.node.string("case_change_action", default: "NONE") {
    case "LOWER": words = words.map { $0.lowercased() }
    case "UPPER": words = words.map { $0.uppercased() }
    case "NONE": break
    case let other: throw call.failure("there is no case_change_action '\(other)'")
    }
    if words.isEmpty { words = [""] }
    let shape = x.shape.count == 1 ? [words.count] : [1, words.count]
    return [strings(words.map { Array($0.utf8) }, shape)]
  }

  /// RegexFullMatch: true where the whole string matches the pattern.
  @Sendable static func fullMatch(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0)
    let pattern = call.node.string("pattern") ?? ""
    let regex: Regex<AnyRegexOutput>
    do {
      // Word boundaries by single characters, as in other engines: Unicode's rule takes
      // "example.com" for one word.
      regex = try Regex(pattern).wordBoundaryKind(.simple)
    } catch {
      throw SurgeonError(
        .invalidNode, "'\(pattern)' is not a regular expression", detail: "\(error)")
    }
    var result: [Bool] = []
    for text in try x.strings() {
      do {
        result.append(try regex.wholeMatch(in: String(decoding: text, as: UTF8.self)) != nil)
      } catch {
        throw call.failure("'\(pattern)' cannot be matched: \(error)")
      }
    }
    return [.tensor(Tensor(result, shape: x.shape))]
  }

  static func strings(_ elements: [[UInt8]], _ shape: [Int]) -> Datum {
    .tensor(Tensor(elementType: .string, shape: shape, storage: .strings(elements)))
  }
}
