internal import SurgeonData
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonVerify
internal import Testing

private let x = Capture<Value.ID>("x")
private let y = Capture<Value.ID>("y")

/// Identities of real numbers that hold in floating point bit by bit.
private let exactRules: [RewriteRule] = [
  .removeIdentity(),
  .removeDropout(),
  RewriteRule("neg-neg", "-(-x) is x", fidelity: .exact, pattern: Op.Neg(Op.Neg(x))) {
    match, context, _ in
    // An output of the graph must be computed by a node of its own.
    if context.model[match.output].isGraphOutput {
      throw Decline("the result is an output of the graph")
    }
    return match[x]
  },
  RewriteRule("abs-abs", "||x|| is |x|", fidelity: .exact, pattern: Op.Abs(Op.Abs(x))) {
    match, _, patch in patch.op("Abs", [match[x]])
  },
  RewriteRule("abs-neg", "|-x| is |x|", fidelity: .exact, pattern: Op.Abs(Op.Neg(x))) {
    match, _, patch in patch.op("Abs", [match[x]])
  },
  RewriteRule(
    "relu-relu", "for a ramp once is enough", fidelity: .exact, pattern: Op.Relu(Op.Relu(x))
  ) { match, _, patch in patch.op("Relu", [match[x]]) },
  RewriteRule(
    "sub-to-add", "x - y is x + (-y)", fidelity: .exact, pattern: Op.Sub(x, Op.Neg(y))
  ) { match, _, patch in patch.op("Add", [match[x], match[y]]) },
  RewriteRule(
    "max-self", "max(|x|, |x|) is |x|", fidelity: .exact,
    pattern: Op.Max(Op.Abs(x), Op.Abs(x))
  ) { match, _, patch in patch.op("Abs", [match[x]]) },
]

/// A graph of unary and binary nodes over earlier values, some of which are outputs too.
private func randomModel(seed: UInt64) -> Model {
  var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  func next(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }
  var b = GraphBuilder()
  var names = ["in0", "in1"]
  for name in names { b.input(name, [2, 3]) }
  b.constant("k", [0.5, -2, 1])
  names.append("k")
  for index in 0..<40 {
    let unary = ["Neg", "Abs", "Relu", "Identity", "Dropout", "Neg", "Abs"]
    let binary = ["Add", "Sub", "Max"]
    // Recent values more often, so that chains arise.
    func operand() -> String {
      names[max(0, names.count - 1 - next(next(3) == 0 ? names.count : min(4, names.count)))]
    }
    if next(3) > 0 {
      b.node(unary[next(unary.count)], [operand()], "v\(index)")
    } else {
      b.node(binary[next(binary.count)], [operand(), operand()], "v\(index)")
    }
    names.append("v\(index)")
  }
  for index in Set((0..<6).map { _ in next(40) } + [39]).sorted() { b.output("v\(index)") }
  return b.model
}

@Suite struct ExactRulesPropertyTests {
  @Test(arguments: 1...40)
  func `exact rules change no bit of any output of a random graph`(seed: Int) throws {
    let before = randomModel(seed: UInt64(seed))
    // Another order of the rules each time: no order may matter for what is computed.
    let shift = seed % exactRules.count
    let rules = Array(exactRules[shift...] + exactRules[..<shift])
    var after = before
    try Rewriter(rules, options: RewriteOptions(checksInvariants: true)).rewrite(&after)
    var options = Verifier.Options()
    options.precision = .double
    options.engine = .reference
    let report = try Verifier(options: options).verify(
      before, after, samples: try RandomInputs(for: before, samples: 1, seed: UInt64(seed)))
    #expect(report.outputsOnlyBefore.isEmpty)
    #expect(report.outputs.allSatisfy { $0.finding == .identical })
  }
}
