/// What an operator takes an attribute for where a node does not give it, which may change from one
/// operator set to the next.
package struct AttributeDefaults: Sendable {
  package struct Version: Sendable {
    /// The first operator set in which the value holds.
    package let since: Int
    /// nil where there is no default.
    package let value: Binding?

    package init(since: Int, value: Binding?) {
      self.since = since
      self.value = value
    }
  }

  private let versions: [Version]

  /// - Parameter versions: the oldest first.
  package init(_ versions: [Version]) { self.versions = versions }

  /// The same in every operator set.
  init(always value: Binding?) { versions = [Version(since: 0, value: value)] }

  /// - Parameter opset: nil for the newest.
  package func value(at opset: Int?) -> Binding? {
    versions.last { $0.since <= opset ?? .max }?.value
  }
}
