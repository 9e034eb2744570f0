internal import Surgeon

/// Twenty rules: two that apply, and eighteen that share their root operators and do not.
func scaleRules() -> [RewriteRule] {
  let x = Capture<Value.ID>("x")
  let y = Capture<Value.ID>("y")
  var rules = [
    RewriteRule(
      "hard-swish", "x * clip(x + 3, 0, 6) / 6 is one HardSwish", fidelity: .rounding,
      pattern: Op.Div(Op.Mul(x, Op.Clip(Op.Add(x, 3), 0, 6)), 6)
    ) { match, _, patch in patch.op("HardSwish", [match[x]]) },
    RewriteRule(
      "neg-neg", "two negations are none", fidelity: .exact, pattern: Op.Neg(Op.Neg(x))
    ) { match, _, _ in match[x] },
  ]
  for index in 0..<18 {
    let number = Double(index) + 0.5
    let pattern =
      switch index % 4 {
      case 0: Op.Add(Op.Mul(x, number), Op.Relu(y))
      case 1: Op.Mul(x, Op.Add(Op.Sigmoid(x), number))
      case 2: Op.Relu(Op.Neg(Op.Div(x, number)))
      default: Op.oneOf("Div", "Mul")(Op.Add(x, y).usedOnce(), Op.Relu(x))
      }
    rules.append(
      RewriteRule("idle-\(index)", "never applies here", fidelity: .exact, pattern: pattern) {
        match, _, _ in match[x]
      })
  }
  return rules
}
