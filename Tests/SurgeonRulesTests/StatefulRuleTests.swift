internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import SurgeonRuntime
internal import Testing

/// Feeds batches to a rewritten model, state included.
private struct Stream {
  let model: Model
  let precision: SessionOptions.Precision
  private let session: Session
  private let pairs: [(state: String, next: String)]
  private var state: [String: Tensor] = [:]

  init(_ model: Model, precision: SessionOptions.Precision) throws {
    self.model = model
    self.precision = precision
    var options = SessionOptions()
    options.precision = precision
    options.engine = .reference
    options.threads = 1
    session = try Session(model, options: options)
    pairs = StatePairs.find(in: model).map { (model[$0.state].name, model[$0.next].name) }
  }

  /// Y, and the state by name after the batch.
  mutating func feed(_ x: Tensor) throws -> (y: [Double], state: [String: [Double]]) {
    var inputs = state.mapValues { Datum.tensor($0) }
    inputs["x"] = .tensor(x)
    let outputs = Dictionary(
      uniqueKeysWithValues: try session.run(inputs).map { ($0.name, $0.value.tensor) })
    var numbers: [String: [Double]] = [:]
    for pair in pairs {
      state[pair.state] = outputs[pair.next] ?? nil
      numbers[pair.state] = try state[pair.state]?.float64Elements()
    }
    return (try (outputs["y"] ?? nil)?.float64Elements() ?? [], numbers)
  }
}

/// - Parameter unit: what a number is measured against where all are smaller: a mean near 0 has the
///   deviation of what it is the mean of.
private func relativeDifference(_ a: [Double], _ b: [Double], unit: Double = 1e-30) -> Double {
  guard a.count == b.count, !a.isEmpty else { return .infinity }
  let scale = max(a.map(\.magnitude).max() ?? 0, unit)
  return (zip(a, b).map { ($0 - $1).magnitude }.max() ?? 0) / scale
}

private let gamma = [2.0, -3]
private let beta = [1.0, 0.5]
private let mean = [0.25, -0.5]
private let variance = [0.5, 0.75]

private func model(rank: Int, opset: Int = 15) throws -> Model {
  let shape = (["N", "2"] + ["3", "2", "2", "2"].prefix(rank - 2)).joined(separator: ", ")
  return try OnnxText.parse(
    """
    <ir_version: 8, opset_import: ["" : \(opset)]>
    g (float[\(shape)] x) => (float[\(shape)] y)
    <float[2] gamma = {2, -3}, float[2] beta = {1, 0.5}, float[2] mean = {0.25, -0.5},
     float[2] var = {0.5, 0.75}>
    { y = BatchNormalization <epsilon = 0.125> (x, gamma, beta, mean, var) }
    """)
}

/// Y of a normalisation with these statistics.
private func normalized(
  _ batch: [Double], shape: [Int], mean: [Double], variance: [Double]
) -> [Double] {
  let positions = shape.dropFirst(2).reduce(1, *)
  return batch.indices.map { index in
    let channel = index / positions % shape[1]
    return (batch[index] - mean[channel]) / (variance[channel] + 0.125).squareRoot()
      * gamma[channel] + beta[channel]
  }
}

struct WelfordRuleTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var rank: Int
    var options: WelfordOptions
    var testDescription: String {
      "rank \(rank) \(options.count) \(options.maximum) \(options.unit) \(options.start) "
        + "\(options.normalization)"
    }
  }

  static let cases: [Case] = {
    var cases: [Case] = []
    var rank = 2
    for count in WelfordOptions.Count.allCases {
      for maximum in [16, 256, Double.infinity] where count == .capped || maximum.isFinite {
        for unit in WelfordOptions.Unit.allCases {
          for start in WelfordOptions.Start.allCases {
            for normalization in WelfordOptions.Normalization.allCases {
              cases.append(
                Case(
                  rank: rank,
                  options: WelfordOptions(
                    count: count, maximum: maximum, unit: unit, start: start,
                    normalization: normalization)))
              rank = rank == 5 ? 2 : rank + 1
            }
          }
        }
      }
    }
    return cases
  }()

  @Test(arguments: cases)
  func `fifty batches of any size agree with the recurrence`(test: Case) throws {
    let options = test.options
    let (after, report) = try RuleTest.rewrite(
      try model(rank: test.rank), .welford { _ in options })
    #expect(report.fidelity == .stateful)
    for (precision, tolerance) in [(SessionOptions.Precision.double, 1e-12), (.single, 1e-6)] {
      var stream = try Stream(after, precision: precision)
      var reference = WelfordRecurrence(options: options, mean: mean, variance: variance)
      for step in 0..<50 {
        let shape = [1 + (step * 5) % 8, 2] + [3, 2, 2, 2].prefix(test.rank - 2)
        let x = RuleTest.noise(shape, seed: UInt64(step + 1))
        let batch = try #require(try x.float64Elements())
        let used = reference.update(batch: batch, shape: shape)
        let (y, state) = try stream.feed(x)
        let expected = normalized(
          batch, shape: shape, mean: used.mean, variance: used.variance)
        #expect(relativeDifference(expected, y) < 4 * tolerance)
        let deviation = reference.state.variance.map { $0.squareRoot() }.max() ?? 1
        #expect(
          relativeDifference(reference.state.mean, state["y.mean"] ?? [], unit: deviation)
            < tolerance)
        #expect(relativeDifference(reference.state.m2, state["y.m2"] ?? []) < tolerance)
        if options.count == .capped {
          #expect(state["y.count"] == [reference.state.count])
        }
      }
    }
  }

  @Test func `with a pretrained start and previous statistics step one is the frozen network`()
    throws
  {
    let before = try model(rank: 4)
    let (after, _) = try RuleTest.rewrite(
      before, .welford { _ in WelfordOptions(normalization: .previous) })
    #expect(
      try RuleTest.difference(before, after, ["x": RuleTest.noise([3, 2, 3, 2])]) < 1e-12)
  }

  @Test func `at mean 1000 the variance is right in Float32`() throws {
    let (after, _) = try RuleTest.rewrite(
      try model(rank: 3),
      .welford { _ in WelfordOptions(count: .capped, maximum: .infinity, start: .standard) })
    var stream = try Stream(after, precision: .single)
    var reference = WelfordRecurrence(
      options: WelfordOptions(count: .capped, maximum: .infinity, start: .standard), mean: mean,
      variance: variance)
    var last: [String: [Double]] = [:]
    for step in 0..<100 {
      let noise = try #require(
        try RuleTest.noise([4, 2, 3], seed: UInt64(step)).float64Elements())
      let x = Tensor(
        noise.map { Float(1000 + $0 * 3.0.squareRoot()) }, shape: [4, 2, 3])
      _ = reference.update(batch: try #require(try x.float64Elements()), shape: [4, 2, 3])
      last = try stream.feed(x).state
    }
    let count = try #require(last["y.count"]?.first)
    let variance = try #require(last["y.m2"]).map { $0 / count }
    #expect(relativeDifference(reference.state.variance, variance) < 1e-3)
    #expect(variance.allSatisfy { abs($0 - 1) < 0.1 })
  }

  @Test(arguments: [9, 11, 13, 17, 18, 21])
  func `operators are spelled as the opset has them`(opset: Int) throws {
    let (after, _) = try RuleTest.rewrite(try model(rank: 4, opset: opset), .welford())
    let mean = try #require(after.first("ReduceMean"))
    #expect((after[mean].ints("axes") == [0, 2, 3]) == (opset < 18))
    #expect(after[mean].inputs.count == (opset < 18 ? 1 : 2))
    #expect(after.opset(in: after.mainGraph) == opset)
  }

  @Test func `state is named after the node and listed in the metadata`() throws {
    var after = try model(rank: 4)
    let report = try NormalizationSurgery(
      NormalizationPlan(NormalizationOptions(target: .welford))
    ).perform(on: &after)
    #expect(report.rewrittenCount == 1)
    let pairs = after.header.metadata.first { $0.key == "surgeon.state" }?.value
    #expect(pairs == #"[["y.mean", "y.mean.next"], ["y.m2", "y.m2.next"]]"#)
    #expect(
      after[after.mainGraph].outputs.map { after[$0].name } == [
        "y", "y.mean.next", "y.m2.next",
      ])
  }

  @Test func `where state cannot live the reason is said`() throws {
    let old = try Model.oneNorm(opset: 8, shape: "1, 2, 3", irVersion: 4)
    #expect(
      try RuleTest.reasons(old, .welford())
        == ["the model uses opset 8, the rule needs 9 or later"])
    let listed = try Model.oneNorm(opset: 9, shape: "1, 2, 3", irVersion: 3)
    #expect(
      try RuleTest.reasons(listed, .welford()) == [
        "the file has IR version 3, in which an input cannot have a default: state needs version 4"
      ])
  }

  @Test func `a body is declined with what its state would need`() throws {
    let body = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[1, 2, 3] x, bool c) => (float[1, 2, 3] y)
      <float[2] gamma = {2, -3}, float[2] beta = {1, 0.5}, float[2] mean = {4, -1},
       float[2] var = {3, 8}>
      {
        y = If (c) <
          then_branch = t () => (float[1, 2, 3] a)
            { a = BatchNormalization (x, gamma, beta, mean, var) },
          else_branch = e () => (float[1, 2, 3] b) { b = Relu(x) }>
      }
      """)
    #expect(
      try RuleTest.reasons(body, .welford()) == [
        "the node stands in a body of If 'y', which does not always run: state that the caller "
          + "feeds back must be an input and an output of the main graph"
      ])
  }

  @Test func `half precision keeps its state in Float32`() throws {
    var builder = ModelBuilder(opset: 15)
    let x = builder.input("x", [3, 2, 4], type: .float16)
    builder.output(
      builder.batchNorm(
        x, "y", gamma: gamma, beta: beta, mean: mean, variance: variance, type: .float16))
    let (after, _) = try RuleTest.rewrite(builder.model, .welford())
    let state = try #require(after.value(named: "y_node.m2", in: after.mainGraph))
    #expect(after[state].type == .tensor(.float32, Shape([2])))
    #expect(after.operators.first == "Cast")
    #expect(after.operators.last == "Cast")
  }
}

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
        var first = try Stream(called, precision: .double)
        var second = try Stream(spelled, precision: .double)
        for step in 0..<3 {
          let x = RuleTest.noise([1 + step, 2, 3, 2], seed: UInt64(step))
          let (a, b) = (try first.feed(x), try second.feed(x))
          #expect(relativeDifference(a.y, b.y) < 1e-14)
          #expect(a.state.keys == b.state.keys)
          for (name, numbers) in b.state {
            #expect(relativeDifference(a.state[name] ?? [], numbers, unit: 1) < 1e-14)
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

struct RunningRuleTests {
  @Test(arguments: WelfordOptions.Start.allCases, WelfordOptions.Normalization.allCases)
  func `batches of one, two and eight agree with the recurrence`(
    start: WelfordOptions.Start, normalization: WelfordOptions.Normalization
  ) throws {
    let (after, _) = try RuleTest.rewrite(
      try model(rank: 4),
      .running { _ in
        RunningOptions(momentum: 0.875, start: start, normalization: normalization)
      })
    for (precision, tolerance) in [(SessionOptions.Precision.double, 1e-12), (.single, 2e-6)] {
      var stream = try Stream(after, precision: precision)
      var reference = RunningRecurrence(
        momentum: 0.875, start: start, normalization: normalization, mean: mean,
        variance: variance)
      for step in 0..<30 {
        let shape = [[1, 2, 8][step % 3], 2, 3, 2]
        let x = RuleTest.noise(shape, seed: UInt64(step + 1))
        let batch = try #require(try x.float64Elements())
        let used = reference.update(batch: batch, shape: shape)
        let (y, state) = try stream.feed(x)
        let expected = normalized(
          batch, shape: shape, mean: used.mean, variance: used.variance)
        #expect(relativeDifference(expected, y) < 4 * tolerance)
        #expect(relativeDifference(reference.mean, state["y.mean"] ?? []) < tolerance)
        #expect(relativeDifference(reference.variance, state["y.var"] ?? []) < tolerance)
      }
    }
  }

  @Test func `a momentum that never moves is declined`() throws {
    let before = try Model.oneNorm(opset: 15, shape: "1, 2", attributes: ", momentum = 1.0")
    #expect(
      try RuleTest.reasons(before, .running())
        == ["its momentum is 1.0: the statistics would never move"])
  }
}

struct WayBackTests {
  private func roundTrip(
    _ there: NormalizationOptions, back: NormalizationOptions,
    state: [String: Tensor] = [:]
  ) throws -> (before: Model, after: Model) {
    let before = try model(rank: 4)
    var after = before
    _ = try NormalizationSurgery(NormalizationPlan(there)).perform(on: &after)
    var surgery = NormalizationSurgery(NormalizationPlan(back))
    surgery.state = state
    _ = try surgery.perform(on: &after)
    after.checkInvariants()
    return (before, after)
  }

  @Test(
    arguments: [NormalizationOptions.Target.welford, .running],
    WelfordOptions.Normalization.allCases)
  func `what went in comes out`(
    target: NormalizationOptions.Target, normalization: WelfordOptions.Normalization
  ) throws {
    for count in WelfordOptions.Count.allCases {
      let there = NormalizationOptions(
        target: target, welford: WelfordOptions(count: count, normalization: normalization))
      let (before, after) = try roundTrip(there, back: NormalizationOptions(target: .batchnorm))
      #expect(after.operators == ["BatchNormalization"])
      #expect(after[after.mainGraph].inputs.map { after[$0].name } == ["x"])
      #expect(after[after.mainGraph].outputs.map { after[$0].name } == ["y"])
      #expect(after.header.metadata.isEmpty)
      let x = RuleTest.noise([3, 2, 3, 2])
      #expect(try RuleTest.difference(before, after, ["x": x]) < 1e-7)
    }
  }

  @Test func `a state file decides the statistics`() throws {
    let (_, after) = try roundTrip(
      NormalizationOptions(target: .welford), back: NormalizationOptions(target: .batchnorm),
      state: ["y.mean.next": Tensor([Float(10), 20]), "y.m2": Tensor([Float(2048), 4096])])
    let node = try #require(after.first("BatchNormalization"))
    let norm = try #require(try BatchNormalization(node, in: after))
    let parameters = try BatchNormalizationParameters(of: norm, in: after)
    #expect(parameters.mean == [10, 20])
    #expect(parameters.variance == [1, 2])
  }

  @Test func `a state of the wrong length turns nothing back`() throws {
    var model = try model(rank: 4)
    _ = try NormalizationSurgery(NormalizationPlan(NormalizationOptions(target: .welford)))
      .perform(on: &model)
    var surgery = NormalizationSurgery(NormalizationPlan(NormalizationOptions(target: .batchnorm)))
    surgery.state = ["y.mean": Tensor([Float(1)])]
    let report = try surgery.perform(on: &model)
    #expect(report.applications.isEmpty)
    #expect(!model.operators.contains("BatchNormalization"))
  }

  @Test func `statistics that kept running can be frozen at once`() throws {
    let (before, after) = try roundTrip(
      NormalizationOptions(target: .welford), back: NormalizationOptions(target: .frozen))
    #expect(after.operators == ["Mul", "Add"])
    #expect(try RuleTest.difference(before, after, ["x": RuleTest.noise([3, 2, 3, 2])]) < 1e-7)
  }

  @Test func `the node gets its name back, by which a plan finds it`() throws {
    var builder = ModelBuilder(opset: 15)
    let x = builder.input("x", [3, 2, 4])
    builder.output(
      builder.batchNorm(x, "y", gamma: gamma, beta: beta, mean: mean, variance: variance))
    for there in [
      NormalizationOptions(target: .welford), NormalizationOptions(form: .split),
      NormalizationOptions(target: .welford, callsFunction: true),
    ] {
      var model = builder.model
      _ = try NormalizationSurgery(NormalizationPlan(there)).perform(on: &model)
      let back = NormalizationPlan([
        .init(only: ["y_no*"], options: NormalizationOptions(target: .batchnorm))
      ])
      _ = try NormalizationSurgery(back).perform(on: &model)
      let node = try #require(model.first("BatchNormalization"))
      #expect(model[node].name.hasPrefix("y_node"))
      #expect(model.operators.last == "BatchNormalization")
    }
  }

  @Test func `a gamma that an optimiser laid across X is taken back`() throws {
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[3, 2, 4] x) => (float[3, 2, 4] y)
      <float[2, 1] mean = {1, 2}, float[2, 1] inverse = {0.5, 0.25}, float[2, 1] gamma = {3, 4},
       float[1, 2, 1] beta = {5, 6}>
      {
        centered = Sub(x, mean)
        normalized = Mul(centered, inverse)
        scaled = Mul(normalized, gamma)
        y = Add(scaled, beta)
      }
      """)
    var after = model
    _ = try NormalizationSurgery(NormalizationPlan(NormalizationOptions(target: .batchnorm)))
      .perform(on: &after)
    #expect(after.operators == ["BatchNormalization"])
    #expect(try RuleTest.difference(model, after, ["x": RuleTest.noise([3, 2, 4])]) < 1e-7)
  }

  @Test func `the split form becomes a BatchNormalization again`() throws {
    let (before, after) = try roundTrip(
      NormalizationOptions(form: .split), back: NormalizationOptions(target: .batchnorm))
    #expect(after.operators == ["BatchNormalization"])
    let node = try #require(after.first("BatchNormalization"))
    #expect(
      after[node].inputs.dropFirst().prefix(2).map { $0.map { after[$0].name } } == [
        "gamma", "beta",
      ])
    #expect(try RuleTest.difference(before, after, ["x": RuleTest.noise([3, 2, 3, 2])]) < 1e-12)
  }
}
