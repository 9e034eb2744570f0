internal import SurgeonFormat
internal import SurgeonIR

/// What the tests of running statistics share: one BatchNormalization of two channels, and Y as its
/// definition has it.
enum StateTest {
  /// - Parameter unit: what a number is measured against where all are smaller: a mean near 0 has the
  ///   deviation of what it is the mean of.
  static func relativeDifference(_ a: [Double], _ b: [Double], unit: Double = 1e-30) -> Double {
    guard a.count == b.count, !a.isEmpty else { return .infinity }
    let scale = max(a.map(\.magnitude).max() ?? 0, unit)
    return (zip(a, b).map { ($0 - $1).magnitude }.max() ?? 0) / scale
  }

  static let gamma = [2.0, -3]
  static let beta = [1.0, 0.5]
  static let mean = [0.25, -0.5]
  static let variance = [0.5, 0.75]

  static func model(rank: Int, opset: Int = 15) throws -> Model {
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
  static func normalized(
    _ batch: [Double], shape: [Int], mean: [Double], variance: [Double]
  ) -> [Double] {
    let positions = shape.dropFirst(2).reduce(1, *)
    return batch.indices.map { index in
      let channel = index / positions % shape[1]
      return (batch[index] - mean[channel]) / (variance[channel] + 0.125).squareRoot()
        * gamma[channel] + beta[channel]
    }
  }
}
