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

  /// Runs on every sample what of `model` lies between some of its values and its outputs, once with
  /// the values as they are and once disturbed: for each of `outputs`, the root of the mean squared
  /// difference over that of the mean square. Nil where there is nothing to compare.
  ///
  /// - Parameter disturbances: with a change for each sample, in the order of `moments`.
  func differences(
    of outputs: [Value.ID], in model: Model, disturbing disturbances: [Value.ID: Disturbance]
  ) throws(SurgeonError) -> [Double?]

  /// Runs both models on every sample: for each pair of a value before and one after, the root of
  /// the mean squared difference over that of the mean square before. Nil where there is nothing to
  /// compare.
  func differences(
    of pairs: [(before: Value.ID, after: Value.ID)], between before: Model, and after: Model
  ) throws(SurgeonError) -> [Double?]
}
