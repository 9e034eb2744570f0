public import SurgeonIR

/// Runs models on sample data for a surgery, which knows no kernels: whoever runs models gives it
/// one.
public protocol SampleObserver {
  /// Runs `model` on every sample and calls back with the moments, sample by sample, of every value
  /// of the main graph that is asked for and holds floating-point numbers.
  func moments(
    of values: Set<Value.ID>, in model: Model,
    _ seen: (Value.ID, [Moments]) throws(SurgeonError) -> Void
  ) throws(SurgeonError)

  /// Runs both models on every sample: for each pair of a value before and one after, the root of
  /// the mean squared difference over that of the mean square before. Nil where there is nothing to
  /// compare.
  func differences(
    of pairs: [(before: Value.ID, after: Value.ID)], between before: Model, and after: Model
  ) throws(SurgeonError) -> [Double?]
}
