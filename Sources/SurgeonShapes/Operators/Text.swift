internal import SurgeonIR

/// Operators on strings.
enum Text {
  static func concat(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(.string, try Broadcasting.shape(node))
  }

  static func matches(_ node: inout NodeInference) { node.set(.bool, node.shape(0)) }

  /// StringNormalizer: [C] or [1, C]; stop words shorten the last axis.
  static func normalizer(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(.string, nil)
    try node.requireRank(0, 1...2)
    guard let x = node.shape(0) else { return }
    if case .strings(let words)? = node.attribute("stopwords"), !words.isEmpty {
      node.set(.string, x.dimensions.dropLast() + [.unknown])
    } else {
      node.set(.string, x)
    }
  }

  /// StringSplit: the parts of each string, padded to the longest list, and their number.
  static func split(_ node: inout NodeInference) {
    node.set(.string, node.shape(0).map { Shape($0.dimensions + [.unknown]) })
    node.set(1, .int64, node.shape(0))
  }

  /// TfIdfVectorizer: [C] or [N, C] -> as many columns as the largest n-gram index says.
  static func ngrams(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(.float32, nil)
    try node.requireRank(0, 1...2)
    guard let x = node.shape(0) else { return }
    let last = node.ints("ngram_indexes")?.max().flatMap { $0 < .max ? $0 : nil }
    let columns = last.map { Dimension.known($0 + 1) } ?? .unknown
    node.set(.float32, x.dimensions.dropLast() + [columns])
  }
}
