/// Looks operators up in the table of the standard.
enum OperatorSchemas {
  /// Whether the table holds the operators of a domain.
  static func knows(domain: String) -> Bool {
    domain.isEmpty || lines.contains { $0.hasPrefix("\(domain):") }
  }

  /// All versions of an operator, the oldest first.
  static func versions(of opType: String, domain: String) -> [OperatorSchema] {
    let name = domain.isEmpty ? opType : "\(domain):\(opType)"
    return lines.filter { $0.hasPrefix(name) && $0.dropFirst(name.count).first == " " }
      .map { OperatorSchema(words: $0.split(separator: " ").dropFirst()) }
  }

  /// The versions that apply somewhere within a range of operator sets.
  static func versions(
    of opType: String, domain: String, in opsets: ClosedRange<Int>
  ) -> [OperatorSchema] {
    let all = versions(of: opType, domain: domain)
    return all.indices.filter { index in
      let end = index + 1 < all.count ? all[index + 1].since - 1 : Int.max
      return !all[index].isDeprecated && all[index].since <= opsets.upperBound
        && end >= opsets.lowerBound
    }.map { all[$0] }
  }

  /// The operator whose name is nearest, if that is near enough to have been meant.
  static func likeliest(_ opType: String, domain: String) -> String? {
    let prefix = domain.isEmpty ? "" : "\(domain):"
    var names: [Substring] = []
    for line in lines where line.hasPrefix(prefix) {
      let name = line.dropFirst(prefix.count).prefix { $0 != " " }
      if !name.contains(":"), name != names.last { names.append(name) }
    }
    return nearest(opType, among: names.map(String.init))
  }

  /// The word with the fewest edits, at most a third of the letters.
  static func nearest(_ word: String, among words: [String]) -> String? {
    let ranked = words.map { (word: $0, edits: edits(word.lowercased(), $0.lowercased())) }
    guard let best = ranked.min(by: { $0.edits < $1.edits }) else { return nil }
    return best.edits <= max(1, word.count / 3) ? best.word : nil
  }

  private static var lines: [Substring] { OperatorTable.text.split(separator: "\n") }

  /// Letters to insert, remove or change (Levenshtein 1966).
  private static func edits(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let above = row[j + 1]
        row[j + 1] = min(diagonal + (letter == b[j] ? 0 : 1), above + 1, row[j] + 1)
        diagonal = above
      }
    }
    return row[b.count]
  }
}
