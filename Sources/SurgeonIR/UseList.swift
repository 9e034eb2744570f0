/// The uses of one value, in no particular order.
///
/// Removing one of many must not cost a search: a constant may be shared by every node of a large
/// graph. Past a handful of uses the list therefore keeps an index of positions.
public struct UseList: Sendable, RandomAccessCollection {
  private var uses: [Use] = []
  private var positions: [Use: Int]?
  /// How many of the uses are outputs of a graph.
  public private(set) var graphOutputCount = 0

  private static let indexedFrom = 16

  init() {}

  public var startIndex: Int { 0 }
  public var endIndex: Int { uses.count }
  public subscript(position: Int) -> Use { uses[position] }

  public func contains(_ use: Use) -> Bool {
    if let positions { positions[use] != nil } else { uses.contains(use) }
  }

  mutating func insert(_ use: Use) {
    if use.isGraphOutput { graphOutputCount += 1 }
    positions?[use] = uses.count
    uses.append(use)
    if positions == nil, uses.count > Self.indexedFrom {
      positions = Dictionary(uniqueKeysWithValues: uses.enumerated().map { ($1, $0) })
    }
  }

  mutating func remove(_ use: Use) {
    guard let position = positions.map({ $0[use] }) ?? uses.firstIndex(of: use) else {
      preconditionFailure("removing a use that is not recorded")
    }
    if use.isGraphOutput { graphOutputCount -= 1 }
    let last = uses.removeLast()
    if last != use {
      uses[position] = last
      positions?[last] = position
    }
    positions?[use] = nil
  }
}
