internal import SurgeonIR

/// Looks operators up in the table of the standard.
enum OperatorSchemas {
  /// Whether the table holds the operators of a domain.
  static func knows(domain: String) -> Bool {
    domain.isEmpty || lines.contains { $0.hasPrefix("\(domain):") }
  }

  /// All versions of an operator, the oldest first.
  static func versions(of opType: String, domain: String) -> [OperatorSchema] {
    let name = domain.isEmpty ? opType : "\(domain):\(opType)"
    return (linesByName[name[...]] ?? []).map {
      OperatorSchema(
        words: $0.utf8.split(separator: UInt8(ascii: " ")).dropFirst().map(Substring.init))
    }
  }

  /// The newest version of the operator that a node of a replacement names.
  static func newest(of opType: String, domain: String) -> OperatorSchema? {
    versions(of: opType, domain: Model.canonical(domain)).last
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

  private static let lines = OperatorTable.text.utf8.split(separator: UInt8(ascii: "\n"))
    .map(Substring.init)

  private static let linesByName = Dictionary(grouping: lines) { line in
    Substring(line.utf8.prefix { $0 != UInt8(ascii: " ") })
  }

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
