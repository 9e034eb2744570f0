internal import SurgeonIR
internal import SurgeonVerify
internal import Testing

struct QuantileTests {
  @Test func `quantiles of the absolute error are exact to three percent`() throws {
    let a = [Float](repeating: 0, count: 1000)
    let b = (1...1000).map { Float($0) / 1000 * ($0.isMultiple(of: 2) ? 1 : -1) }
    let drift = try Drift(of: .tensor(Tensor(b)), from: .tensor(Tensor(a)))
    let quantiles = try #require(drift.quantiles)
    for (found, expected) in [
      (quantiles.median, 0.5), (quantiles.p90, 0.9), (quantiles.p99, 0.99),
      (quantiles.p999, 0.999),
    ] {
      #expect(abs(found - expected) < 0.035 * expected)
    }
  }

  @Test func `equal elements count as errors of zero`() throws {
    let a = [Float](repeating: 1, count: 100)
    var b = a
    b[7] = 1.5
    b[8] = 1e-20
    let drift = try Drift(of: .tensor(Tensor(b)), from: .tensor(Tensor(a)))
    let quantiles = try #require(drift.quantiles)
    #expect(quantiles.median == 0 && quantiles.p90 == 0)
    #expect(abs(quantiles.p999 - 1) < 0.035)
  }
}
