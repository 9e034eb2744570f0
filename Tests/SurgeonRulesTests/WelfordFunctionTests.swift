internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import SurgeonRuntime
internal import Testing

struct WelfordFunctionTests {
  /// Two normalisations of different rank and number of channels.
  private func network(opset: Int, irVersion: Int = 8, type: String = "float") throws -> Model {
    try OnnxText.parse(
      """
      <ir_version: \(irVersion), opset_import: ["" : \(opset)]>
      g (\(type)[N, 2, 3, 2] x) => (\(type)[N, 2, 3, 2] y, \(type)[N, 6] z)
      <\(type)[2] gamma = {2, -3}, \(type)[2] beta = {1, 0.5}, \(type)[2] mean = {0.25, -0.5},
       \(type)[2] var = {0.5, 0.75}, int64[2] flat = {-1, 6}, \(type)[6] ones = {1, 1, 1, 1, 1, 1}>
      {
        y = BatchNormalization <epsilon = 0.125> (x, gamma, beta, mean, var)
        part = ReduceMean <axes = [3], keepdims = 0> (x)
        rows = Reshape(part, flat)
        z = BatchNormalization(rows, ones, ones, ones, ones)
      }
      """)
  }

  private func surgery(_ model: Model, _ options: NormalizationOptions) throws -> Model {
    var result = model
    _ = try NormalizationSurgery(NormalizationPlan(options)).perform(on: &result)
    result.checkInvariants()
    return result
  }

  @Test(arguments: [9, 13, 15], WelfordOptions.Count.allCases)
  func `one function computes what the operators compute`(
    opset: Int, count: WelfordOptions.Count
  ) throws {
    for normalization in WelfordOptions.Normalization.allCases {
      for unit in WelfordOptions.Unit.allCases {
        let welford = WelfordOptions(
          count: count, unit: unit, start: .standard, normalization: normalization)
        let before = try network(opset: opset)
        let called = try surgery(
          before, NormalizationOptions(target: .welford, welford: welford, callsFunction: true))
        let spelled = try surgery(before, NormalizationOptions(target: .welford, welford: welford))
        #expect(called.operators.filter { $0 == "WelfordNorm" }.count == 2)
        #expect(called.functions.map(\.name) == ["WelfordNorm"])
        #expect(called.opset("surgeon", in: called.mainGraph) == 1)
        var first = try StateStream(called, precision: .double)
        var second = try StateStream(spelled, precision: .double)
        for step in 0..<3 {
          let x = RuleTest.noise([1 + step, 2, 3, 2], seed: step)
          let (a, b) = (try first.feed(x), try second.feed(x))
          #expect(StateTest.relativeDifference(a.y, b.y) < 1e-14)
          #expect(a.state.keys == b.state.keys)
          for (name, numbers) in b.state {
            #expect(StateTest.relativeDifference(a.state[name] ?? [], numbers, unit: 1) < 1e-14)
          }
        }
      }
    }
  }

  @Test func `the way back takes the function with it`() throws {
    let before = try network(opset: 13)
    let called = try surgery(
      before, NormalizationOptions(target: .welford, callsFunction: true))
    let back = try surgery(called, NormalizationOptions(target: .batchnorm))
    #expect(
      back.operators == ["BatchNormalization", "ReduceMean", "Reshape", "BatchNormalization"])
    #expect(back.functions.isEmpty)
    #expect(back.header.opsetImports == before.header.opsetImports)
    #expect(back[back.mainGraph].inputs.map { back[$0].name } == ["x"])
    #expect(back[back.mainGraph].outputs.map { back[$0].name } == ["y", "z"])
    let x = RuleTest.noise([3, 2, 3, 2])
    #expect(try RuleTest.difference(before, back, ["x": x]) < 1e-7)
    let frozen = try surgery(called, NormalizationOptions(target: .frozen))
    #expect(!frozen.operators.contains("WelfordNorm"))
    #expect(try RuleTest.difference(before, frozen, ["x": x]) < 1e-7)
  }

  @Test func `an IR version without functions is an error with a remedy`() throws {
    do {
      _ = try surgery(
        try network(opset: 13, irVersion: 7),
        NormalizationOptions(target: .welford, callsFunction: true))
      Issue.record("no error")
    } catch let error as SurgeonError {
      #expect(error.message == "the file has IR version 7, which has no functions")
      #expect(error.hint == "raise it with --ir-version 8, or leave out --as-function")
    }
  }

  @Test func `a raised IR version takes initializers off the inputs`() throws {
    var model = try Model.oneNorm(opset: 9, shape: "1, 2, 3", irVersion: 3)
    #expect(throws: SurgeonError.self) { try model.raiseIRVersion(to: 2) }
    #expect(throws: SurgeonError.self) { try model.raiseIRVersion(to: 99) }
    try model.raiseIRVersion(to: 8)
    #expect(model[model.mainGraph].inputs.map { model[$0].name } == ["x"])
    let after = try surgery(
      model, NormalizationOptions(target: .welford, callsFunction: true))
    #expect(after.operators == ["WelfordNorm"])
  }
}
