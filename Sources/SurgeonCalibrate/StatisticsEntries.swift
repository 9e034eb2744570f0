/// What was measured, in the order in which it was, found by the names of the nodes.
///
/// In a statistics file it is a list.
public struct StatisticsEntries: Sendable, Codable, Equatable, RandomAccessCollection {
  public typealias Element = CollectedStatistics.Entry

  private var list: [Element] = []
  /// By name; of two of one name, which only a file can hold, the first.
  private var positions: [String: Int] = [:]

  init() {}

  public init(from decoder: any Decoder) throws {
    list = try [Element](from: decoder)
    index()
  }

  public func encode(to encoder: any Encoder) throws { try list.encode(to: encoder) }

  public static func == (first: Self, second: Self) -> Bool { first.list == second.list }

  public var startIndex: Int { list.startIndex }
  public var endIndex: Int { list.endIndex }
  public subscript(position: Int) -> Element { list[position] }
  public subscript(name: String) -> Element? { positions[name].map { list[$0] } }

  /// Puts an entry in the place of the one of the same name, or at the end.
  public mutating func set(_ entry: Element) {
    if let position = positions[entry.name] {
      list[position] = entry
    } else {
      positions[entry.name] = list.count
      list.append(entry)
    }
  }

  mutating func removeAll(where isWrong: (Element) -> Bool) {
    list.removeAll(where: isWrong)
    index()
  }

  private mutating func index() {
    positions = Dictionary(
      list.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }
}
