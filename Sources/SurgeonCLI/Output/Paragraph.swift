/// Sentences broken between words where the terminal ends.
enum Paragraph {
  /// - Parameters:
  ///   - first: what the first line starts with.
  ///   - rest: what every other line starts with.
  static func lines(_ text: String, first: String = "", rest: String = "") -> [String] {
    var lines: [String] = []
    var line = first
    var isEmpty = true
    for word in text.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > TerminalTable.width {
        lines.append(line)
        line = rest
        isEmpty = true
      }
      line += isEmpty ? word : " " + word
      isEmpty = false
    }
    return lines + [line]
  }
}

extension Console {
  func printParagraph(_ text: String, first: String = "", rest: String = "") {
    for line in Paragraph.lines(text, first: first, rest: rest) { print(line) }
  }
}
