internal import SurgeonData
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonVerify
internal import Testing

struct BisectionTests {
  /// Three BatchNormalizations side by side. A group normalisation in the place of one does the more
  /// harm, the further its running statistics are from those of the data.
  private func network(_ means: [Float]) throws -> Model {
    let blocks = means.indices.map { "n\($0) = BatchNormalization(x, one, zero, m\($0), one)" }
    let statistics = means.enumerated().map { ", float[2] m\($0) = {\($1), \($1)}" }
    let names = means.indices.map { "n\($0)" }.joined(separator: ", ")
    return try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 17]>
      g (float[1, 2, 64] x) => (float[1, 2, 64] y)
      <float[2] one = {1, 1}, float[2] zero = {0, 0}\(statistics.joined())> {
        \(blocks.joined(separator: "\n"))
        y = Sum(\(names))
      }
      """)
  }

  private func bisect(_ model: Model, absolute: Double) throws -> Bisection {
    var options = NormalizationOptions(target: .instancenorm)
    options.match = .copy
    var verifier = Verifier()
    verifier.options.absoluteTolerance = absolute
    verifier.options.relativeTolerance = 0
    return try Bisection(
      of: NormalizationPlan(options), on: model, verifier: verifier,
      samples: try RandomInputs(for: model))
  }

  @Test func `one rewrite that breaks a tolerance alone is the culprit`() throws {
    let bisection = try bisect(try network([0, 8, 0]), absolute: 4)
    #expect(bisection.culprits == ["n1"])
    #expect(bisection.trials.map(\.name).first == "n1")
    #expect(bisection.trials.map(\.breaks) == [true, false, false])
    #expect(bisection.joint?.verdict == .different)
  }

  @Test func `rewrites that break a tolerance together are the culprits`() throws {
    let bisection = try bisect(try network([3, 0, 3]), absolute: 5)
    #expect(Set(bisection.culprits) == ["n0", "n2"])
    #expect(bisection.trials.count == 3 && !bisection.trials.contains(where: \.breaks))
  }

  @Test func `where all together hold there is no culprit`() throws {
    let bisection = try bisect(try network([0, 0, 0]), absolute: 100)
    #expect(bisection.culprits == [] && bisection.joint == nil && bisection.trials.isEmpty)
  }
}
