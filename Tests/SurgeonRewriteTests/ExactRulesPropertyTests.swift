internal import SurgeonData
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonVerify
internal import Testing

private let x = Capture<Value.ID>("x")
private let first = Capture<Value.ID>("first")
private let second = Capture<Value.ID>("second")

/// Rules with several results, beside those that are made at random.
private let fixedRules: [RewriteRule] = [
  .removeIdentity(),
  .removeDropout(),
  RewriteRule.editing(
    "split-neg", "parts of a negation are negations of parts", fidelity: .exact,
    pattern: Op.Split(Op.Neg(x)).attribute("axis", equals: 0).outputs(first, second)
  ) { match, _, patch in
    let parts = patch.ops("Split", [match[x]], [.int("axis", 0)], outputTypes: [nil, nil])
    patch.remove(match.root)
    patch.replace(match[first], with: patch.op("Neg", [parts[0]]))
    patch.replace(match[second], with: patch.op("Neg", [parts[1]]))
  },
  RewriteRule.editing(
    "one-abs", "two Abs of one value are one", fidelity: .exact,
    pattern: Op.Abs(x).as(first), andRoots: [Op.Abs(x).as(second)]
  ) { match, _, patch in
    let one = patch.op("Abs", [match[x]])
    for root in match.roots { patch.remove(root) }
    patch.replace(match[first], with: one)
    patch.replace(match[second], with: one)
  },
]

@Suite struct ExactRulesPropertyTests {
  @Test(arguments: 1...60)
  func `random rules that promise exactness change no bit of any output`(seed: Int) throws {
    var dice = Dice(seed: 1000 + seed)
    let random = (0..<5).map { RandomRule("random-\($0)", &dice) }
    var writer = RandomModel(seed: seed, planting: random.map(\.long))
    let text = writer.text()
    let before = try OnnxText.parse(text)
    // Another order of the rules each time: no order may matter for what is computed.
    let all = fixedRules + random.map(\.rule)
    let shift = seed % all.count
    let rules = Array(all[shift...] + all[..<shift])
    var after = before
    let applied = try Rewriter(rules, options: RewriteOptions(checksInvariants: true))
      .rewrite(&after)
    #expect(!applied.applications.isEmpty)
    var options = Verifier.Options()
    options.precision = .double
    options.engine = .reference
    // Two samples, so that both branches of an If have their turn.
    let report = try Verifier(options: options).verify(
      before, after, samples: try RandomInputs(for: before, samples: 2, seed: UInt64(seed)))
    #expect(report.outputsOnlyBefore.isEmpty)
    #expect(report.outputs.allSatisfy { $0.finding == .identical }, "\(text)")
  }

  @Test func `the random models have bodies, functions and places with several results`() throws {
    var seen: Set<String> = []
    for seed in 1...60 {
      var dice = Dice(seed: 1000 + seed)
      let random = (0..<5).map { RandomRule("random-\($0)", &dice) }
      var writer = RandomModel(seed: seed, planting: random.map(\.long))
      var model = try OnnxText.parse(writer.text())
      let graphs = model.graphs
      let report = try Rewriter(fixedRules + random.map(\.rule)).rewrite(&model)
      for application in report.applications {
        seen.insert(application.rule.hasPrefix("random") ? "random" : application.rule)
        for node in application.added where model.isAlive(node) {
          switch model[model[node].graph].owner {
          case .model: seen.insert("main graph")
          case .node(let owner): seen.insert(model[owner].opType)
          case .function: seen.insert("function")
          }
        }
      }
      #expect(model.graphs.count <= graphs.count)
    }
    #expect(
      seen.isSuperset(of: [
        "random", "split-neg", "one-abs", "remove-identity", "remove-dropout", "main graph", "If",
        "Loop", "function",
      ]), "\(seen)")
  }
}
