/// What went wrong, where, and what to do about it. The one error type of the library's edge.
public struct SurgeonError: Error, Sendable, CustomStringConvertible {
  /// A stable word for programs that read the JSON form of an error.
  public enum Code: String, Sendable {
    /// The file cannot be opened, read or written.
    case io
    /// The bytes are not a well-formed model.
    case malformedModel = "malformed-model"
    /// The graph breaks a rule of the standard: a cycle, a missing value, two producers.
    case invalidGraph = "invalid-graph"
    /// Types or shapes do not fit the operator.
    case invalidNode = "invalid-node"
    /// The runtime has no kernel for the operator, its version or its types.
    case unsupportedOperator = "unsupported-operator"
    /// The data given do not fit the model.
    case invalidData = "invalid-data"
    /// What was asked for cannot be done on this model.
    case impossible
    /// A rule file or a text model does not parse.
    case syntax
    /// A rule broke its promise, or the engine broke its own.
    case broken
    /// The user, or a batch system, ended the work before it was done.
    case interrupted
  }

  public var code: Code
  /// One sentence without a final full stop: "cannot read initializer 'conv1.weight'".
  public var message: String
  /// From the outside in: file, graph, node, input.
  public var location: [String]
  /// What exactly is wrong there, when the message alone does not say it.
  public var detail: String?
  /// What the user can do.
  public var hint: String?

  public init(
    _ code: Code, _ message: String, at location: [String] = [], detail: String? = nil,
    hint: String? = nil
  ) {
    self.code = code
    self.message = message
    self.location = location
    self.detail = detail
    self.hint = hint
  }

  /// The same error seen from further outside: `place` is put in front of the location.
  public func within(_ place: String) -> SurgeonError {
    var copy = self
    copy.location.insert(place, at: 0)
    return copy
  }

  /// The form of docs/guide: message, place and detail, hint.
  public var description: String {
    var text = "error: \(message)"
    if !location.isEmpty {
      text += "\n  at \(location.joined(separator: " > "))"
      // A detail that starts a line of its own shows the place itself, with a caret.
      if let detail { text += detail.hasPrefix("\n") ? detail : ": \(detail)" }
    } else if let detail {
      text += detail.hasPrefix("\n") ? detail : "\n  \(detail)"
    }
    if let hint { text += "\nhint: \(hint)" }
    return text
  }
}
