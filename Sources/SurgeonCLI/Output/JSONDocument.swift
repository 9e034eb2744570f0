#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// A command's result as one JSON object: its own keys, and `schema`, which names the command and
/// the version of its form (docs/json.md).
private struct JSONDocument<Body: Encodable>: Encodable {
  let schema: String
  let body: Body

  enum Key: String, CodingKey { case schema }

  func encode(to encoder: any Encoder) throws {
    try body.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(schema, forKey: .schema)
  }
}

extension Console {
  /// The version of the JSON forms. It grows when a key changes its meaning or goes away; new keys
  /// do not count.
  static let schemaVersion = 1

  /// Prints the one JSON document of a command. Keys are in snake case and sorted; a number that
  /// JSON cannot say is the string `NaN`, `Infinity` or `-Infinity`.
  func printJSON(_ body: some Encodable, command: String) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    let schema = "surgeon.\(command)/\(Self.schemaVersion)"
    do {
      let data = try encoder.encode(JSONDocument(schema: schema, body: body))
      print(String(decoding: data, as: UTF8.self))
    } catch {
      // The documents are made of numbers, strings, lists and objects only.
      preconditionFailure("a document that cannot be encoded: \(error)")
    }
  }
}
