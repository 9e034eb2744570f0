internal import SurgeonCalibrate
internal import SurgeonFormat
internal import SurgeonIR
internal import Testing

struct CalibrationPlanTests {
  /// Whether `part` is the same for all samples, computed as `nodes` say.
  private func isConstant(_ nodes: String) throws -> Bool {
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 15, "own": 1]>
      net (float[N, 2, 2] x) => (float[N, 2, 2] y)
      <float[2] one = {1, 1}, float[2] zero = {0, 0}, float[1, 2, 2] half = {0.5, 0.5, 0.5, 0.5},
       float[1, 2] chances = {0, 0}, int64[3] shape = {1, 2, 2}, bool yes = {1}>
      {
        \(nodes)
        part = Neg (made)
        a = Add (x, part)
        y = BatchNormalization (a, one, zero, zero, one)
      }
      <domain: "own", opset_import: ["": 15]>
      flip (chance) => (side) { side = Bernoulli <dtype = 1> (chance) }
      <domain: "own", opset_import: ["": 15]>
      double (number) => (sum) { sum = Add (number, number) }
      """)
    let part = try #require(
      model.nodes(of: model.mainGraph).first { model[$0].opType == "Neg" })
    return try CalibrationPlan(model).isConstant(part, in: model)
  }

  @Test(arguments: [
    "made = Sqrt (half)", "made = own.double (half)", "made = Dropout (half)",
    """
    made = If (yes) <
      then_branch = one () => (float[1, 2, 2] p) { p = Sqrt (half) },
      else_branch = other () => (float[1, 2, 2] q) { q = Identity (half) }>
    """,
  ])
  func `what comes from constants is the same for all samples`(nodes: String) throws {
    #expect(try isConstant(nodes))
  }

  @Test(arguments: [
    "made = Bernoulli <dtype = 1> (half)", "made = RandomNormal <shape = [1, 2, 2]> ()",
    """
    picked = Multinomial <sample_size = 4> (chances)
    number = Cast <to = 1> (picked)
    made = Reshape (number, shape)
    """,
    """
    made = If (yes) <
      then_branch = one () => (float[1, 2, 2] p) { p = Bernoulli <dtype = 1> (half) },
      else_branch = other () => (float[1, 2, 2] q) { q = Identity (half) }>
    """,
    "made = own.flip (half)", "made = Dropout (half, , yes)", "made = Sqrt (x)",
  ])
  func `what is drawn at random or made of samples is no constant`(nodes: String) throws {
    #expect(try !isConstant(nodes))
  }
}
