/// The text of a random model: graphs, bodies and functions full of what rules look for.
struct RandomModel {
  private var dice: Dice
  /// Spellings that are strewn in.
  private let planted: [Term]
  private var count = 0

  init(seed: Int, planting terms: [Term]) {
    dice = Dice(seed: seed)
    planted = terms
  }

  mutating func text() -> String {
    let function = block(over: ["p", "r"], nodes: 8, depth: 1, mayCall: false)
    let main = block(over: ["in0", "in1", "k"], nodes: 14, depth: 2, mayCall: true)
    var outputs = Set((0..<5).map { _ in dice.choice(main.names) })
    outputs.insert(main.names[main.names.count - 1])
    let named = outputs.subtracting(["in0", "in1", "k"]).sorted()
    return """
      <ir_version: 9, opset_import: ["" : 17, "local" : 1]>
      g (float[2, 3] in0, float[2, 3] in1, bool flag)
        => (\(named.map { "float[2, 3] \($0)" }.joined(separator: ", ")))
      <float[2, 3] k = {0.5, -2, 1, 3, -0.25, 0}, int64 trips = {2}, bool always = {1}> {
        \(main.lines.joined(separator: "\n  "))
      }
      <domain: "local", opset_import: ["" : 17]>
      Twist (p, r) => (\(function.names[function.names.count - 1])) {
        \(function.lines.joined(separator: "\n  "))
      }
      """
  }

  private mutating func fresh() -> String {
    count += 1
    return "v\(count)"
  }

  private mutating func block(
    over known: [String], nodes: Int, depth: Int, mayCall: Bool
  ) -> (lines: [String], names: [String]) {
    var names = known
    var lines: [String] = []
    // Recent values more often, so that chains arise.
    func operand() -> String {
      let reach = dice.roll(3) == 0 ? names.count : min(4, names.count)
      return names[names.count - 1 - dice.roll(reach)]
    }
    func add(_ call: String) {
      let name = fresh()
      lines.append("\(name) = \(call)")
      names.append(name)
    }
    func plant(_ term: Term, _ variables: [String]) -> String {
      switch term {
      case .variable(let index): return variables[index]
      case .node(let op, let inputs):
        var inputs = inputs.map { plant($0, variables) }
        // Commuted, and behind an Identity now and then.
        if op != "Sub", dice.roll(2) == 0 { inputs.reverse() }
        add("\(op) (\(inputs.joined(separator: ", ")))")
        if dice.roll(8) == 0 { add("Identity (\(names[names.count - 1]))") }
        return names[names.count - 1]
      }
    }
    while lines.count < nodes {
      switch dice.roll(12) {
      case 0...3:
        _ = plant(dice.choice(planted), [operand(), operand()])
      case 4:
        let (first, second) = (fresh(), fresh())
        add("Neg (\(operand()))")
        lines.append("\(first), \(second) = Split <axis = 0> (\(names[names.count - 1]))")
        add("Concat <axis = 0> (\(second), \(first))")
      case 5 where depth > 0 && mayCall:
        let (yes, no) = (body(names, depth), body(names, depth))
        add("If (flag) <then_branch = t () => (\(yes), else_branch = e () => (\(no)>")
      case 6 where depth > 0 && mayCall:
        let (step, state, go) = (fresh(), fresh(), fresh())
        let inner = block(over: names + [state], nodes: 4, depth: depth - 1, mayCall: mayCall)
        let result = inner.names[inner.names.count - 1]
        add(
          """
          Loop (trips, always, \(operand())) <body = b
            (int64 \(step), bool \(go), float[2, 3] \(state)) => (bool \(go)n, \(result))
            { \(go)n = Identity (\(go)) \(inner.lines.joined(separator: " ")) }>
          """)
      case 7 where mayCall: add("local.Twist (\(operand()), \(operand()))")
      case 8, 9: add("\(dice.choice(["Add", "Sub", "Max"])) (\(operand()), \(operand()))")
      case 10: add("Dropout (\(operand()))")
      default: add("\(dice.choice(["Neg", "Abs", "Relu", "Identity"])) (\(operand()))")
      }
    }
    // What comes from outside is no result.
    add("Add (\(names[names.count - 1]), \(known[0]))")
    return (lines, names)
  }

  /// Outputs and nodes of a branch of If.
  private mutating func body(_ names: [String], _ depth: Int) -> String {
    let inner = block(over: names, nodes: 4, depth: depth - 1, mayCall: true)
    return "float[2, 3] \(inner.names[inner.names.count - 1])) { "
      + inner.lines.joined(separator: " ") + " }"
  }
}
