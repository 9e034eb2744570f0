/// Rows of text in columns, for a terminal of a hundred columns.
///
/// Cells are cut in the middle where a table would be wider than that, the widest column first: the
/// ends of a name tell more than its middle.
struct TerminalTable {
  enum Alignment { case left, right }

  struct Column {
    var title: String
    var alignment: Alignment
  }

  /// A cell's text and the emphasis it gets.
  struct Cell: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    var text: String
    var emphasis: (Style, String) -> String

    init(_ text: String, _ emphasis: @escaping (Style, String) -> String = { $1 }) {
      self.text = text
      self.emphasis = emphasis
    }
    init(stringLiteral text: String) { self.init(text) }
  }

  static let width = 100
  private static let gap = 2
  private static let narrowest = 12

  private let columns: [Column]
  private var rows: [[Cell]] = []
  /// Sentences under a row, broken between words.
  private var details: [Int: [Cell]] = [:]

  init(_ columns: [(title: String, alignment: Alignment)]) {
    self.columns = columns.map { Column(title: $0.title, alignment: $0.alignment) }
  }

  var isEmpty: Bool { rows.isEmpty }

  mutating func add(_ row: [Cell], details: [Cell] = []) {
    precondition(row.count == columns.count)
    if !details.isEmpty { self.details[rows.count] = details }
    rows.append(row)
  }

  /// The table's lines, the titles first.
  func lines(_ style: Style) -> [String] {
    let widths = fittingWidths()
    var lines = [line(of: columns.map { Cell($0.title) { $0.bold($1) } }, widths, style)]
    for (index, row) in rows.enumerated() {
      lines.append(line(of: row, widths, style))
      for detail in details[index] ?? [] {
        // The table stands two columns from the left.
        let isItem = detail.text.hasPrefix("- ")
        let wrapped = Paragraph.lines(
          detail.text, first: "      ", rest: isItem ? "        " : "      ")
        lines += wrapped.map { detail.emphasis(style, String($0.dropFirst(2))) }
      }
    }
    return lines
  }

  private func fittingWidths() -> [Int] {
    var widths = columns.map(\.title.count)
    for row in rows {
      for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.text.count) }
    }
    let available = Self.width - Self.gap * (columns.count - 1)
    while widths.reduce(0, +) > available,
      let widest = widths.indices.max(by: { widths[$0] < widths[$1] }),
      widths[widest] > Self.narrowest
    {
      let excess = widths.reduce(0, +) - available
      let second = widths.indices.filter { $0 != widest }.map { widths[$0] }.max() ?? 0
      widths[widest] = max(
        Self.narrowest, min(widths[widest] - 1, max(second, widths[widest] - excess)))
    }
    return widths
  }

  private func line(of row: [Cell], _ widths: [Int], _ style: Style) -> String {
    var line = ""
    var pendingSpaces = 0
    for (index, cell) in row.enumerated() {
      let text = Self.shortened(cell.text, to: widths[index])
      let padding = widths[index] - text.count
      if columns[index].alignment == .right { pendingSpaces += padding }
      if !text.isEmpty {
        line += String(repeating: " ", count: pendingSpaces) + cell.emphasis(style, text)
        pendingSpaces = 0
      }
      if columns[index].alignment == .left { pendingSpaces += padding }
      pendingSpaces += Self.gap
    }
    return line
  }

  /// `text`, or its two ends with an ellipsis between them.
  static func shortened(_ text: String, to width: Int) -> String {
    guard text.count > width else { return text }
    let tail = (width - 1) / 2
    return text.prefix(width - 1 - tail) + "…" + text.suffix(tail)
  }
}
