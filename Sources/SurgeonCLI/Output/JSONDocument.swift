#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// A command's result as one JSON object: its own keys, `command`, and `version`, the version of the
/// command's form (docs/json.md).
private struct JSONDocument<Body: Encodable>: Encodable {
  let command: String
  let version: Int
  let body: Body

  enum Key: String, CodingKey { case command, version }

  func encode(to encoder: any Encoder) throws {
    try body.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(command, forKey: .command)
    try container.encode(version, forKey: .version)
  }
}

extension Console {
  /// The version of the JSON forms. It grows when a key changes its meaning or goes away; new keys
  /// do not count.
  static let documentVersion = 1

  /// Prints the one JSON document of a command. Keys are in snake case and sorted; a number that
  /// JSON cannot say is the string `NaN`, `Infinity` or `-Infinity`.
  func printJSON(_ body: some Encodable, command: String) {
    print(
      JSONText.pretty(
        JSONDocument(command: command, version: Self.documentVersion, body: body)))
  }
}

/// Values as JSON text, with the project's conventions.
enum JSONText {
  static func pretty(_ value: some Encodable) -> String {
    text(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
  }

  static func compact(_ value: some Encodable) -> String {
    text(value, [.sortedKeys, .withoutEscapingSlashes])
  }

  private static func text(_ value: some Encodable, _ format: JSONEncoder.OutputFormatting)
    -> String
  {
    let encoder = JSONEncoder()
    encoder.outputFormatting = format
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      // The documents are made of numbers, strings, lists and objects only.
      preconditionFailure("a document that cannot be encoded: \(error)")
    }
  }
}
