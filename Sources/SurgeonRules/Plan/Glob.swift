/// A pattern for names: `*` stands for any run of characters, `?` for one, `[a-c]` for one of a
/// set, `\` takes the next character as it is. Everything else stands for itself, `/` and `.` too.
public struct Glob: Sendable, Hashable {
  private enum Part: Hashable {
    case literal(Character)
    case any
    case run
    case set([ClosedRange<Character>], isNegated: Bool)
  }

  public let pattern: String
  private let parts: [Part]

  public init(_ pattern: String) {
    self.pattern = pattern
    var parts: [Part] = []
    var rest = Substring(pattern)
    while let character = rest.popFirst() {
      switch character {
      case "*": if parts.last != .run { parts.append(.run) }
      case "?": parts.append(.any)
      case "\\": parts.append(.literal(rest.popFirst() ?? "\\"))
      case "[":
        if let (set, remainder) = Self.set(rest) {
          parts.append(set)
          rest = remainder
        } else {
          parts.append(.literal("["))
        }
      default: parts.append(.literal(character))
      }
    }
    self.parts = parts
  }

  /// True where the pattern stands for the whole of `name`.
  public func matches(_ name: String) -> Bool {
    let characters = Array(name)
    var (position, part) = (0, 0)
    // Where to go on when the run seen last must swallow one character more.
    var retry: (position: Int, part: Int)?
    while position < characters.count {
      if part < parts.count, parts[part] == .run {
        retry = (position, part)
        part += 1
      } else if part < parts.count, Self.matches(parts[part], characters[position]) {
        position += 1
        part += 1
      } else if let (start, run) = retry {
        retry = (start + 1, run)
        position = start + 1
        part = run + 1
      } else {
        return false
      }
    }
    return parts[part...].allSatisfy { $0 == .run }
  }

  private static func matches(_ part: Part, _ character: Character) -> Bool {
    switch part {
    case .literal(let literal): literal == character
    case .any, .run: true
    case .set(let ranges, let isNegated): ranges.contains { $0.contains(character) } != isNegated
    }
  }

  /// The set that starts after a bracket, and what follows it; nil where no bracket closes it.
  private static func set(_ text: Substring) -> (Part, Substring)? {
    var rest = text
    var isNegated = false
    if rest.first == "!" || rest.first == "^" {
      isNegated = true
      rest.removeFirst()
    }
    var ranges: [ClosedRange<Character>] = []
    while let character = rest.popFirst() {
      if character == "]", !ranges.isEmpty { return (.set(ranges, isNegated: isNegated), rest) }
      if rest.first == "-", let end = rest.dropFirst().first, end != "]" {
        rest.removeFirst(2)
        if character <= end { ranges.append(character...end) }
      } else {
        ranges.append(character...character)
      }
    }
    return nil
  }
}
