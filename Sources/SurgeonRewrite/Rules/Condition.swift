internal import SurgeonIR

/// What must hold of a match before the rule applies: a sentence with a closure. The sentence is
/// the diagnostic: "not so: <sentence>".
public struct Condition: Sendable {
  /// A true condition returns true. A false one returns false, or throws a `Decline` that says
  /// more.
  public typealias Test = @Sendable (Match, RewriteContext) throws -> Bool

  public let sentence: String
  /// What the user can do where it does not hold.
  public let remedy: String?
  public let location: SourceLocation
  /// The capture whose node or value the sentence is about.
  public let subject: String?
  let test: Test

  public init(
    _ sentence: String, about subject: String? = nil, remedy: String? = nil,
    file: StaticString = #fileID, line: UInt = #line, test: @escaping Test
  ) {
    self.init(
      sentence, about: subject, remedy: remedy, at: SourceLocation(file, line), test: test)
  }

  /// A condition of a rule file.
  public init(
    _ sentence: String, about subject: String? = nil, remedy: String? = nil,
    at location: SourceLocation, test: @escaping Test
  ) {
    self.sentence = sentence
    self.subject = subject
    self.remedy = remedy
    self.location = location
    self.test = test
  }

  /// The graph imports a version of the operator set within `versions`.
  public static func opset(
    _ versions: some RangeExpression<Int> & Sendable, domain: String = "",
    file: StaticString = #fileID, line: UInt = #line
  ) -> Condition {
    let range = versions.relative(to: 1..<Int(Int32.max))
    let set = domain.isEmpty ? "opset" : "operator set '\(domain)'"
    let upper = range.upperBound == Int(Int32.max) ? "or later" : "to \(range.upperBound - 1)"
    return Condition("the model uses \(set) \(range.lowerBound) \(upper)", file: file, line: line) {
      _, context in
      guard let version = context.opset(domain) else {
        throw Decline("the model does not import \(set)")
      }
      guard range.contains(version) else {
        throw Decline(
          "the model uses \(set) \(version), the rule needs \(range.lowerBound) \(upper)",
          remedy: version < range.lowerBound ? "convert the model to a later operator set" : nil)
      }
      return true
    }
  }
}
