import Surgeon

extension RewriteRule {
  /// The parts of a HardSwish become one node.
  ///
  ///     x * clip(x + 3, 0, 6) / 6
  public static var fuseHardSwish: RewriteRule {
    let x = Capture<Value.ID>("x")
    return RewriteRule(
      "fuse-hard-swish", "x * clip(x + 3, 0, 6) / 6 is one HardSwish", fidelity: .rounding,
      pattern: Op.Div(Op.Mul(x, Op.Clip(Op.Add(x, 3), 0, 6)), 6),
      conditions: [.opset(14...)]
    ) { match, _, patch in
      patch.op("HardSwish", [match[x]])
    }
  }
}
