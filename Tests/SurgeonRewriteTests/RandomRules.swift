internal import SurgeonIR
internal import SurgeonRewrite

/// xorshift64 (Marsaglia 2003): the same choices for the same seed.
struct Dice {
  private var state: UInt64

  init(seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1 }

  /// A number from 0 up to, but not including, `bound`.
  mutating func roll(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }

  mutating func choice<T>(_ options: [T]) -> T { options[roll(options.count)] }
}

/// An expression over variables.
indirect enum Term: Sendable {
  case variable(Int)
  case node(String, [Term])

  static let unary = ["Neg", "Abs", "Relu"]
  static let binary = ["Add", "Sub", "Max"]

  init(depth: Int, _ dice: inout Dice) {
    switch depth > 0 ? dice.roll(5) : 0 {
    case 0: self = .variable(dice.roll(2))
    case 1, 2:
      self = .node(dice.choice(Self.unary), [Term(depth: depth - 1, &dice)])
    default:
      let left = Term(depth: depth - 1, &dice)
      self = .node(dice.choice(Self.binary), [left, Term(depth: depth - 1, &dice)])
    }
  }

  /// The same number, bit by bit, in more operators.
  func spelledLonger(_ dice: inout Dice) -> Term {
    if case .node(let op, var inputs) = self, dice.roll(2) == 0 {
      let place = dice.roll(inputs.count)
      inputs[place] = inputs[place].spelledLonger(&dice)
      return .node(op, inputs)
    }
    var options: [Term] = [
      .node("Neg", [.node("Neg", [self])]), .node("Max", [self, self]),
    ]
    switch self {
    case .node("Abs", let inputs):
      options += [
        .node("Abs", [.node("Neg", inputs)]), .node("Abs", [self]), .node("Relu", [self]),
      ]
    case .node("Relu", _): options += [.node("Relu", [self]), .node("Abs", [self])]
    case .node("Add", let inputs):
      options.append(.node("Sub", [inputs[0], .node("Neg", [inputs[1]])]))
    default: break
    }
    return dice.choice(options)
  }

  var pattern: Pattern {
    switch self {
    case .variable(let index): Capture<Value.ID>("x\(index)").pattern
    case .node(let op, let inputs):
      Op.oneOf(op)(inputs: inputs.map(\.pattern), at: SourceLocation(file: "random", line: 1))
    }
  }

  func build(_ match: Match, _ patch: inout Patch) -> Value.ID {
    switch self {
    case .variable(let index): match[Capture<Value.ID>("x\(index)")]
    case .node(let op, let inputs): patch.op(op, inputs.map { $0.build(match, &patch) })
    }
  }
}

/// A rule that makes of a long spelling the short one. No application of such rules leads back, so
/// that any set of them comes to an end.
struct RandomRule {
  let long: Term
  let rule: RewriteRule

  init(_ name: String, _ dice: inout Dice) {
    let short = Term(depth: 2, &dice)
    var long = short
    for _ in 0...dice.roll(3) { long = long.spelledLonger(&dice) }
    self.long = long
    rule = RewriteRule(name, "a shorter spelling", fidelity: .exact, pattern: long.pattern) {
      match, _, patch in short.build(match, &patch)
    }
  }
}
