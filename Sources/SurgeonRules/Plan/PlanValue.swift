/// A value of a plan file, whichever notation the file has.
public enum PlanValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([PlanValue])
  /// Keys in the order of the file.
  case table([Member])

  public struct Member: Sendable, Hashable {
    public var key: String
    public var value: PlanValue

    public init(_ key: String, _ value: PlanValue) {
      self.key = key
      self.value = value
    }
  }

  public subscript(key: String) -> PlanValue? {
    guard case .table(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  public var string: String? { if case .string(let text) = self { text } else { nil } }
  public var number: Double? { if case .number(let number) = self { number } else { nil } }
  public var array: [PlanValue]? { if case .array(let elements) = self { elements } else { nil } }

  /// The value in JSON, on one line.
  public var json: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let number):
      if let whole = Int(exactly: number) { "\(whole)" } else { "\(number)" }
    case .string(let text): Self.quoted(text)
    case .array(let elements): "[" + elements.map(\.json).joined(separator: ", ") + "]"
    case .table(let members):
      "{"
        + members.map { "\(Self.quoted($0.key)): \($0.value.json)" }.joined(separator: ", ") + "}"
    }
  }

  /// A string in the quotes and escapes that JSON and TOML share.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
