internal import SurgeonIR

extension InferenceEngine {
  /// Takes the types that the caller gives for graph inputs, and with them the dimension names that
  /// they fix.
  func bind(_ inputs: [String: ValueType]) throws(SurgeonError) {
    for (name, given) in inputs.sorted(by: { $0.key < $1.key }) {
      guard let input = model[model.mainGraph].inputs.first(where: { model[$0].name == name })
      else {
        throw SurgeonError(.invalidData, "the model has no input called '\(name)'")
      }
      guard let recorded = model[input].type else { continue }
      try fixNames(of: recorded.shape, given: given.shape, input: name)
    }
    for input in model[model.mainGraph].inputs {
      guard let given = inputs[model[input].name] else { continue }
      guard let recorded = recordedType(of: input) else {
        setType(given, of: input)
        continue
      }
      let (type, isConflict) = ValueType.merged(computed: given, recorded: recorded)
      guard !isConflict else {
        throw SurgeonError(
          .invalidData, "the data for input '\(model[input].name)' do not fit the model",
          detail: "the model takes \(recorded.text), the data are \(given.text)")
      }
      setType(type, of: input)
    }
  }

  private func fixNames(
    of recorded: Shape?, given: Shape?, input: String
  ) throws(SurgeonError) {
    guard let recorded, let given, recorded.rank == given.rank else { return }
    for (dimension, size) in zip(recorded.dimensions, given.dimensions) {
      guard case .symbolic(let name) = dimension.size, let size = size.value else { continue }
      if let other = table.dimensions.updateValue(size, forKey: name), other != size {
        throw SurgeonError(
          .invalidData, "two sizes are given for dimension '\(name)'",
          detail: "input '\(input)' has \(size) where \(other) was given before")
      }
    }
  }
}
