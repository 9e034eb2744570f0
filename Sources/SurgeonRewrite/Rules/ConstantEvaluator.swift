public import SurgeonIR

/// Computes constants for rules. The engine knows no kernels; whoever runs rules that compute hands
/// it somebody who does.
public protocol ConstantEvaluator: Sendable {
  /// The outputs of a model without inputs, in the order of the graph's outputs.
  ///
  /// Everything is computed in Float64, and each output is rounded once, to the type that the
  /// operators give it in the model as it stands.
  func evaluate(_ model: Model) throws(SurgeonError) -> [Tensor]
}
