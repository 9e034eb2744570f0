internal import SurgeonIR
internal import SurgeonVerify
internal import Testing

struct ToleranceTests {
  private func drift(maxAbsolute: Double, scale: Double) -> Drift {
    var drift = Drift()
    drift.maxAbsolute = maxAbsolute
    drift.scale = scale
    return drift
  }

  @Test func `the bound is absolute plus a part of the largest magnitude`() {
    let tolerance = Tolerance(absolute: 0.5, relative: 0.25)
    #expect(tolerance.holds(for: drift(maxAbsolute: 1.5, scale: 4)))
    #expect(!tolerance.holds(for: drift(maxAbsolute: 1.6, scale: 4)))
  }

  @Test func `a number against a NaN is beyond every tolerance`() {
    var drift = drift(maxAbsolute: 0, scale: 1)
    drift.nonFiniteMismatches = 1
    #expect(!Tolerance(absolute: 1e9, relative: 1e9).holds(for: drift))
  }

  @Test func `integers are equal or not`() {
    #expect(Tolerance.rounding(of: .int64) == Tolerance(absolute: 0, relative: 0))
  }
}
