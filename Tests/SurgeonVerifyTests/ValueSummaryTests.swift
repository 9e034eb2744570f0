internal import SurgeonIR
internal import SurgeonVerify
internal import Testing

struct ValueSummaryTests {
  @Test func `the range and the moments leave out what is not finite`() throws {
    let numbers: [Float] = [2, .nan, 4, -.infinity, 6, .infinity, 8]
    let summary = try ValueSummary(name: "y", value: .tensor(Tensor(numbers, shape: [1, 7])))
    let statistics = try #require(summary.statistics)
    #expect(summary.type == "float" && summary.shape == [1, 7])
    #expect(statistics.minimum == 2 && statistics.maximum == 8 && statistics.mean == 5)
    #expect(statistics.deviation == 5.0.squareRoot() && statistics.nonFinite == 3)
  }

  @Test(arguments: [100, 32_768, 32_769, 100_000])
  func `numbers that are read piece by piece count once each`(count: Int) throws {
    let numbers = (0..<count).map(Int32.init)
    let statistics = try #require(try ValueSummary.Statistics(Tensor(numbers)))
    #expect(statistics.minimum == 0 && statistics.maximum == Double(count - 1))
    #expect(statistics.mean == Double(count - 1) / 2 && statistics.nonFinite == 0)
    let variance = (Double(count) * Double(count) - 1) / 12
    #expect(abs(statistics.deviation - variance.squareRoot()) < 1e-9 * variance.squareRoot())
  }

  @Test func `there are no statistics without finite real numbers`() throws {
    #expect(try ValueSummary.Statistics(Tensor([Float.nan, .infinity])) == nil)
    #expect(try ValueSummary.Statistics(Tensor([Float]())) == nil)
    let words = Tensor(elementType: .string, shape: [1], storage: .strings([[104, 105]]))
    #expect(try ValueSummary.Statistics(words) == nil)
    // One that no Int holds, in the last piece of several.
    let unsigned = [UInt64](repeating: 1, count: 40_000) + [.max]
    #expect(try ValueSummary.Statistics(Tensor(unsigned)) == nil)
  }
}
