/// Which rules may match at a node, by its operator, in the order of the list.
struct RuleIndex {
  private var byOperator: [String: [Int]] = [:]
  private var always: [Int] = []
  /// The longest path of operators in any rule.
  let depth: Int
  /// The most operators in any rule.
  let width: Int

  init(_ rules: [RewriteRule]) {
    for (index, rule) in rules.enumerated() {
      let ops = rule.compiled.operators(at: rule.compiled.roots[0]) ?? []
      let names = Set(ops.flatMap(\.opTypes))
      if ops.contains(where: { $0.opTypes.isEmpty }) {
        always.append(index)
      } else {
        for name in names { byOperator[name, default: []].append(index) }
      }
    }
    if !always.isEmpty {
      for name in byOperator.keys { byOperator[name] = (byOperator[name]! + always).sorted() }
    }
    depth = rules.map(\.compiled.depth).max() ?? 1
    width = rules.map(\.compiled.operatorCount).max() ?? 1
  }

  func rules(for opType: String) -> [Int] { byOperator[opType] ?? always }
}
