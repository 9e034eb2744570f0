public import SurgeonIR
public import SurgeonRewrite
internal import SurgeonRuntime
internal import SurgeonShapes

/// Computes constants for rules with the reference engine, in Float64.
public struct RuntimeEvaluator: ConstantEvaluator {
  public init() {}

  public func evaluate(_ model: Model) throws(SurgeonError) -> [Tensor] {
    var options = SessionOptions()
    options.precision = .double
    options.engine = .reference
    options.threads = 1
    let types = try ShapeInference.infer(model)
    let results = try Session(model, options: options).run([:])
    var tensors: [Tensor] = []
    for (output, result) in zip(model[model.mainGraph].outputs, results) {
      guard let tensor = result.value.tensor else {
        throw SurgeonError(.impossible, "'\(result.name)' is not a tensor, so it is no constant")
      }
      let type = types[output]?.elementType ?? tensor.elementType
      guard tensor.elementType == .float64, type != .float64, type != .undefined,
        let numbers = try tensor.float64Elements()
      else {
        tensors.append(tensor)
        continue
      }
      tensors.append(Tensor(rounding: numbers, to: type, shape: tensor.shape))
    }
    return tensors
  }
}
