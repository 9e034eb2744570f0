internal import CKernels
public import SurgeonIR

/// What a BatchNormalization with given statistics does to each channel: x factor + summand.
public struct NormalizationLine: Sendable {
  /// Float32, of shape [C, 1, ...], as are the summands.
  public let factors: Tensor
  public let summands: Tensor

  /// y = x gamma / sqrt(variance + epsilon) + (beta - mean gamma / sqrt(variance + epsilon)), both numbers
  /// computed in Float64 and rounded once; nil where the parameters are no numbers, or not of the same
  /// channels, or the values have none.
  ///
  /// - Parameter rank: of the values that are normalised.
  /// - Throws: what reading a tensor throws.
  public init?(
    gamma: Tensor, beta: Tensor, mean: Tensor, variance: Tensor, epsilon: Double, rank: Int
  ) throws(SurgeonError) {
    guard rank >= 2, let gammas = try gamma.float64Elements(),
      let betas = try beta.float64Elements(),
      let means = try mean.float64Elements(), let variances = try variance.float64Elements()
    else { return nil }
    let channels = gammas.count
    guard [betas, means, variances].allSatisfy({ $0.count == channels }) else { return nil }
    let factors = (0..<channels).map { gammas[$0] / (variances[$0] + epsilon).squareRoot() }
    let summands = (0..<channels).map { betas[$0] - means[$0] * factors[$0] }
    let shape = [channels] + Array(repeating: 1, count: rank - 2)
    self.factors = Tensor(rounding: factors, to: .float32, shape: shape)
    self.summands = Tensor(rounding: summands, to: .float32, shape: shape)
  }

  var operations: [FusedOperation] {
    [
      FusedOperation(op: CK_MULTIPLY, operand: .constant(factors)),
      FusedOperation(op: CK_ADD, operand: .constant(summands)),
    ]
  }
}
