internal import SurgeonIR
internal import SurgeonVerify
internal import Testing

struct DriftTests {
  private func drift(_ a: [Double], _ b: [Double]) throws -> Drift {
    try Drift(of: .tensor(Tensor(b)), from: .tensor(Tensor(a)))
  }

  @Test func `errors are absolute, mean and relative to the largest magnitude`() throws {
    let drift = try drift([1, -4, 2, 0], [1, -4.5, 2, 0.25])
    #expect(drift.maxAbsolute == 0.5)
    #expect(drift.meanAbsolute == 0.1875)
    #expect(drift.scale == 4)
    #expect(drift.relative == 0.125)
    #expect(drift.count == 4)
    #expect(drift.differingCount == 2)
  }

  @Test func `cosine and signal-to-noise ratio are those of the definition`() throws {
    let drift = try drift([3, 4], [4, 3])
    #expect(drift.cosine == 24.0 / 25)
    let ratio = try #require(drift.signalToNoise)
    #expect(abs(ratio - 10.969_100_130_080_564) < 1e-12)
  }

  @Test func `the same numbers have no noise`() throws {
    let drift = try drift([1, 2], [1, 2])
    #expect(drift.isZero)
    #expect(drift.signalToNoise == .infinity)
    #expect(drift.relative == 0)
  }

  @Test func `a NaN is the same as a NaN, and different from a number`() throws {
    let same = try drift([.nan, 1, 2], [.nan, 1, 2])
    #expect(same.isZero)
    let other = try drift([.nan, 1, .infinity], [0, 1, -.infinity])
    #expect(other.nonFiniteMismatches == 2)
    #expect(other.maxAbsolute == .infinity && other.relative == .infinity)
    #expect(other.meanAbsolute == 0)
  }

  @Test func `a constant reference is degenerate, one number alone is not`() throws {
    #expect(try drift([2, 2, 2], [2, 2, 2]).isDegenerate)
    #expect(try drift([0.1, 0.1 + 1e-9], [0.1, 0.1]).isDegenerate)
    #expect(try drift([.nan, .nan], [.nan, .nan]).isDegenerate)
    #expect(try !drift([2], [2]).isDegenerate)
    #expect(try !drift([2, 3], [2, 3]).isDegenerate)
  }

  @Test func `element types may differ where both are numbers`() throws {
    let a = Datum.tensor(Tensor([1, 2] as [Float]))
    let b = Datum.tensor(Tensor([1, 2.5] as [Double]))
    #expect(try Drift(of: b, from: a).maxAbsolute == 0.5)
    let half = Datum.tensor(Tensor(rounding: [1, 2.5], to: .float16, shape: [2]))
    #expect(try Drift(of: half, from: a).maxAbsolute == 0.5)
  }

  @Test func `sequences and maps are compared element by element`() throws {
    let a = Datum.sequence([.tensor(Tensor([1.0])), .tensor(Tensor([2.0]))], elementType: nil)
    let b = Datum.sequence([.tensor(Tensor([1.0])), .tensor(Tensor([3.0]))], elementType: nil)
    #expect(try Drift(of: b, from: a).maxAbsolute == 1)
    #expect(throws: SurgeonError.self) {
      try Drift(of: .sequence([], elementType: nil), from: a)
    }
  }

  @Test func `strings are equal or not`() throws {
    func text(_ words: [String]) -> Datum {
      let bytes = words.map { Array($0.utf8) }
      return .tensor(
        Tensor(elementType: .string, shape: [words.count], storage: .strings(bytes)))
    }
    #expect(try Drift(of: text(["a", "b"]), from: text(["a", "b"])).isZero)
    #expect(try Drift(of: text(["a", "c"]), from: text(["a", "b"])).nonFiniteMismatches == 1)
  }
}
