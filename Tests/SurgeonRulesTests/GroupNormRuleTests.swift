internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import SurgeonRuntime
internal import Testing

/// (X - mu_g) / sqrt(var_g + epsilon), number by number.
private func normalized(
  _ batch: [Double], shape: [Int], groups: Int, epsilon: Double
) -> [Double] {
  var result = batch
  let size = shape.dropFirst().reduce(1, *) / groups
  for group in 0..<(shape[0] * groups) {
    let members = (group * size)..<((group + 1) * size)
    let mean = batch[members].reduce(0, +) / Double(size)
    let squares = batch[members].map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
    for index in members {
      result[index] = (batch[index] - mean) / (squares / Double(size) + epsilon).squareRoot()
    }
  }
  return result
}

struct GroupNormRuleTests {
  private func model(opset: Int, shape: String = "2, 4, 3, 2", type: String = "float") throws
    -> Model
  {
    try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : \(opset)]>
      g (\(type)[\(shape)] x) => (\(type)[\(shape)] y)
      <\(type)[4] gamma = {1, 2, 3, 4}, \(type)[4] beta = {0, 1, 2, 3},
       \(type)[4] mean = {1, 3, -2, 2}, \(type)[4] var = {3, 8, 15, 24}>
      { y = BatchNormalization <epsilon = 1.0> (x, gamma, beta, mean, var) }
      """)
  }

  private func surgery(_ model: Model, _ options: NormalizationOptions) throws
    -> (Model, SurgeryReport)
  {
    var result = model
    let report = try NormalizationSurgery(NormalizationPlan(options)).perform(on: &result)
    return (result, report)
  }

  @Test(
    arguments: [7, 9, 13, 17, 18, 20, 21],
    [GroupOptions.Operators.native, .primitive])
  func `every opset and spelling computes the same`(
    opset: Int, operators: GroupOptions.Operators
  ) throws {
    let x = RuleTest.noise([2, 4, 3, 2])
    let batch = try #require(try x.float64Elements())
    let parameters = BatchNormalizationParameters(
      gamma: [1, 2, 3, 4], beta: [0, 1, 2, 3], mean: [1, 3, -2, 2], variance: [3, 8, 15, 24],
      epsilon: 1)
    for groups in [1, 2, 4] {
      let (after, _) = try surgery(
        try model(opset: opset),
        NormalizationOptions(target: .groupnorm, grouping: .groups(groups), operators: operators))
      #expect(
        after.operators.contains("GroupNormalization") == (opset >= 21 && operators == .native))
      #expect(!after.operators.contains("BatchNormalization"))
      let matching = GroupMatching(parameters, groups: groups)
      let normalized = normalized(batch, shape: [2, 4, 3, 2], groups: groups, epsilon: 1)
      let expected = normalized.indices.map { index in
        normalized[index] * matching.scale[index / 6 % 4] + matching.bias[index / 6 % 4]
      }
      let y = try #require(try RuleTest.run(after, ["x": x])["y"]?.float64Elements())
      let worst = zip(y, expected).map { ($0 - $1).magnitude }.max() ?? .infinity
      #expect(worst < 1e-12, "\(groups) groups: \(worst)")
    }
  }

  @Test func `below opset 21 it is a Reshape around InstanceNormalization`() throws {
    let (after, _) = try surgery(
      try model(opset: 18),
      NormalizationOptions(target: .groupnorm, grouping: .groups(2)))
    #expect(
      after.operators == ["Reshape", "InstanceNormalization", "Reshape", "Mul", "Add"])
  }

  @Test func `as many groups as channels are an instance normalisation`() throws {
    let (after, _) = try surgery(
      try model(opset: 13), NormalizationOptions(target: .instancenorm))
    #expect(after.operators == ["InstanceNormalization"])
  }

  @Test func `primitive operators are those with gradients`() throws {
    let (after, _) = try surgery(
      try model(opset: 13),
      NormalizationOptions(target: .groupnorm, grouping: .groups(2), operators: .primitive))
    #expect(
      Set(after.operators).isSubset(of: [
        "Reshape", "ReduceMean", "Sub", "Mul", "Add", "Sqrt", "Div",
      ]))
  }

  /// Data whose group statistics are the running ones: every channel is mu +- sqrt(var).
  @Test(arguments: [9, 21])
  func `where a sample's statistics are the running ones nothing changes`(opset: Int) throws {
    let before = try model(opset: opset)
    let (mean, variance) = ([1.0, 3, -2, 2], [3.0, 8, 15, 24])
    var numbers: [Double] = []
    for _ in 0..<2 {
      for channel in 0..<4 {
        for position in 0..<6 {
          let sign = position % 2 == 0 ? 1.0 : -1
          numbers.append(mean[channel] + sign * variance[channel].squareRoot())
        }
      }
    }
    let x = Tensor(numbers, shape: [2, 4, 3, 2])
    for groups in [1, 2, 4] {
      let (after, _) = try surgery(
        before, NormalizationOptions(target: .groupnorm, grouping: .groups(groups)))
      #expect(try RuleTest.difference(before, after, ["x": x]) < 1e-10)
    }
  }

  @Test func `one number per group is refused, naming the counts`() throws {
    let (after, report) = try surgery(
      try model(opset: 13, shape: "2, 4"), NormalizationOptions(target: .instancenorm))
    #expect(after.operators == ["BatchNormalization"])
    #expect(
      report.rows[0].outcome
        == .declined([
          .init(
            "a group would hold one number: every output would be beta: "
              + "4 channels in 4 groups, 1 position")
        ]))
  }

  @Test func `a count that does not divide the channels is refused with the divisors`() throws {
    let (_, report) = try surgery(
      try model(opset: 13), NormalizationOptions(target: .groupnorm, grouping: .groups(3)))
    #expect(
      report.rows[0].outcome
        == .declined([.init("3 groups do not divide 4 channels: its divisors are 1, 2, 4")]))
  }

  /// Runs models in Float64 on one batch.
  private struct OneBatch: SampleObserver {
    let x: Tensor

    private func values(of model: Model, _ wanted: Set<Value.ID>) throws(SurgeonError)
      -> [Value.ID: Tensor]
    {
      var options = SessionOptions()
      options.precision = .double
      var seen: [Value.ID: Tensor] = [:]
      _ = try Session(model, options: options).run(["x": .tensor(x)], observing: wanted) {
        seen[$0.value] = $0.datum.tensor
      }
      return seen
    }

    func moments(
      of values: Set<Value.ID>, in model: Model,
      _ seen: (Value.ID, [Moments]) throws(SurgeonError) -> Void
    ) throws(SurgeonError) {
      for (value, tensor) in try self.values(of: model, values) {
        guard let numbers = try tensor.float64Elements() else { continue }
        let size = tensor.count / tensor.shape[0]
        try seen(
          value,
          (0..<tensor.shape[0]).map { sample in
            Moments(
              ofBatch: Array(numbers[sample * size..<(sample + 1) * size]),
              shape: [1] + tensor.shape.dropFirst())
          })
      }
    }

    /// Of values that are outputs themselves only.
    func differences(
      of outputs: [Value.ID], in model: Model, disturbing disturbances: [Value.ID: Disturbance]
    ) throws(SurgeonError) -> [Double?] {
      let seen = try values(of: model, Set(outputs))
      var result: [Double?] = []
      for output in outputs {
        guard let disturbance = disturbances[output], let before = seen[output],
          let numbers = try before.float64Elements()
        else {
          result.append(nil)
          continue
        }
        let size = before.count / before.shape[0]
        var (difference, power) = (0.0, 0.0)
        for sample in 0..<before.shape[0] {
          let part = Array(numbers[sample * size..<(sample + 1) * size])
          let after = disturbance.applied(to: part, sample: sample) { 1 }
          difference += zip(part, after).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
          power += part.map { $0 * $0 }.reduce(0, +)
        }
        result.append((difference / power).squareRoot())
      }
      return result
    }

    func differences(
      of pairs: [(before: Value.ID, after: Value.ID)], between before: Model, and after: Model
    ) throws(SurgeonError) -> [Double?] {
      let first = try values(of: before, Set(pairs.map(\.before)))
      let second = try values(of: after, Set(pairs.map(\.after)))
      var result: [Double?] = []
      for pair in pairs {
        guard let a = try first[pair.before]?.float64Elements(),
          let b = try second[pair.after]?.float64Elements()
        else {
          result.append(nil)
          continue
        }
        let difference = zip(a, b).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
        result.append((difference / a.map { $0 * $0 }.reduce(0, +)).squareRoot())
      }
      return result
    }
  }

  @Test func `damage is predicted before and measured after`() throws {
    var model = try model(opset: 13)
    let report = try NormalizationSurgery(
      NormalizationPlan(NormalizationOptions(target: .groupnorm))
    ).perform(on: &model, observing: OneBatch(x: RuleTest.noise([2, 4, 3, 2])))
    let group = try #require(report.rows[0].group)
    #expect(group.expectedDamage > 0)
    let measured = try #require(group.measuredDamage)
    // Nothing comes before this node: from the moments the damage is exact.
    #expect(abs(try #require(group.ownDamage) / measured - 1) < 1e-10)
    #expect(abs(try #require(group.predictedDamage) / measured - 1) < 1e-10)
    #expect(report.outputDamage.map(\.output) == ["y"])
    #expect(report.outputDamage.map(\.measured) == [measured])
    // What the replacement does to each sample is known: the output is off by just that.
    #expect(abs(report.outputDamage[0].predicted / measured - 1) < 1e-6)
    #expect(report.damageSamples == 2)
    #expect(!group.reason.isEmpty)
    // What was decided can be performed again.
    #expect(report.plan.entries[0].options.grouping == .groups(group.count))
  }

  @Test func `without data nothing is predicted`() throws {
    var model = try model(opset: 13)
    let report = try NormalizationSurgery(
      NormalizationPlan(NormalizationOptions(target: .groupnorm))
    ).perform(on: &model)
    let group = try #require(report.rows[0].group)
    #expect(group.expectedDamage > 0)
    #expect(group.ownDamage == nil)
    #expect(group.predictedDamage == nil)
    #expect(report.damageSamples == nil)
    #expect(report.outputDamage.isEmpty)
  }

  @Test func `an output of decisions is called one`() throws {
    var model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 13]>
      g (float[2, 4, 3] x) => (float[2, 12] y, float[2, 4, 3] z)
      <float[4] gamma = {1, 2, 1, 1}, float[4] beta = {0, 1, 0, 0}, float[4] mean = {1, -2, 0, 1},
       float[4] var = {3, 8, 1, 2}>
      {
        z = BatchNormalization (x, gamma, beta, mean, var)
        p = Softmax <axis = 1> (z)
        y = Flatten (p)
      }
      """)
    let report = try NormalizationSurgery(
      NormalizationPlan(NormalizationOptions(target: .layernorm))
    ).perform(on: &model, observing: OneBatch(x: RuleTest.noise([2, 4, 3])))
    #expect(report.outputDamage.map(\.decidingOperator) == ["Softmax", nil])
  }

  @Test func `damage is carried along sums and joins`() throws {
    let before = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 13]>
      g (float[2, 2, 3] x) => (float[2, 4, 3] y, float[2, 2, 3] z)
      <float[2] gamma = {1, 2}, float[2] beta = {0, 1}, float[2] mean = {1, -2},
       float[2] var = {3, 8}, float[2] ones = {1, 1}, float[2] zeros = {0, 0}>
      {
        a = BatchNormalization <epsilon = 1.0> (x, gamma, beta, mean, var)
        sum = Add(a, x)
        y = Concat <axis = 1> (sum, x)
        z = BatchNormalization (sum, ones, zeros, zeros, ones)
      }
      """)
    var after = before
    let x = RuleTest.noise([2, 2, 3])
    let report = try NormalizationSurgery(
      NormalizationPlan(NormalizationOptions(target: .layernorm))
    ).perform(on: &after, observing: OneBatch(x: x))
    let rows = report.rows.compactMap(\.group)
    let own = try rows.map { try #require($0.ownDamage) }
    let numbers = try #require(try x.float64Elements())
    let a = try #require(
      try RuleTest.run(
        OnnxText.parse(
          """
          <ir_version: 8, opset_import: ["" : 13]>
          g (float[2, 2, 3] x) => (float[2, 2, 3] a)
          <float[2] gamma = {1, 2}, float[2] beta = {0, 1}, float[2] mean = {1, -2},
           float[2] var = {3, 8}>
          { a = BatchNormalization <epsilon = 1.0> (x, gamma, beta, mean, var) }
          """), ["x": x])["a"]?.float64Elements())
    func power(_ numbers: [Double]) -> Double { numbers.map { $0 * $0 }.reduce(0, +) }
    let sum = power(zip(a, numbers).map { $0 + $1 })
    let atSum = own[0] * (power(a) / sum).squareRoot()
    let atJoin = atSum * (sum / (sum + power(numbers))).squareRoot()
    #expect(abs(report.outputDamage[0].predicted - atJoin) < 1e-12)
    // Of each sample of a, the nearest multiple to what its layer normalisation gives: the next
    // normalisation takes that factor out.
    let parameters = BatchNormalizationParameters(
      gamma: [1, 2], beta: [0, 1], mean: [1, -2], variance: [3, 8], epsilon: 1)
    let matching = GroupMatching(parameters, groups: 1)
    let grouped = normalized(numbers, shape: [2, 2, 3], groups: 1, epsilon: 1).enumerated().map {
      $0.element * matching.scale[$0.offset / 3 % 2] + matching.bias[$0.offset / 3 % 2]
    }
    var ofScale = 0.0
    for sample in [0..<6, 6..<12] {
      let factor =
        zip(a[sample], grouped[sample]).map { $0 * $1 }.reduce(0, +)
        / power(Array(a[sample]))
      ofScale += (factor - 1) * (factor - 1) * power(Array(a[sample]))
    }
    let arriving = (own[0] * own[0] - ofScale / power(a)) * power(a) / sum
    let kept = (1 - own[1] * own[1] / 2) * (1 - arriving / 2)
    let atNode = (2 * (1 - kept)).squareRoot()
    #expect(abs(try #require(rows[1].predictedDamage) - atNode) < 1e-12)
  }

  @Test func `a disturbance adds what arrives to what the replacement does itself`() {
    let affine = ChannelAffine(slope: [1.5, 1], intercept: [0, -1])
    let numbers = [1.0, 2, 3, 5, 4, 6]
    func apply(_ arriving: Double) -> [Double] {
      Disturbance(changes: [affine], deviations: [1, 2], arriving: arriving)
        .applied(to: numbers, sample: 0) { 1 }
    }
    #expect(apply(0) == [1.5, 3, 4.5, 4, 3, 5])
    let power = numbers.map { $0 * $0 }.reduce(0, +)
    let unknown = zip(apply(0), apply(0.5)).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
    #expect(abs(unknown - 0.5 * power) < 1e-12)
    // A channel's own deviation and a shift of its deviation over all samples, in one proportion.
    let added = zip(apply(0), apply(0.5)).map { $1 - $0 }
    #expect(abs(added[0] / added[1] - (-1 + 1) / 1) < 1e-12)
    #expect(abs(added[5] / added[1] - 3) < 1e-12)
  }

  @Test func `a fit to data is nearer than matched moments`() throws {
    let x = RuleTest.noise([2, 4, 3, 2])
    func damage(_ match: NormalizationOptions.Match) throws -> Double? {
      var model = try model(opset: 13)
      return try NormalizationSurgery(
        NormalizationPlan(
          NormalizationOptions(target: .groupnorm, grouping: .groups(2), match: match))
      ).perform(on: &model, observing: OneBatch(x: x)).rows[0].group?.measuredDamage
    }
    let fitted = try #require(try damage(.data))
    #expect(try fitted < #require(try damage(.moments)))
    #expect(try fitted < #require(try damage(.copy)))
  }

  @Test func `a fit without data is an error with a hint`() throws {
    var model = try model(opset: 13)
    #expect(throws: SurgeonError.self) {
      try NormalizationSurgery(
        NormalizationPlan(NormalizationOptions(target: .groupnorm, match: .data))
      ).perform(on: &model)
    }
  }
}
