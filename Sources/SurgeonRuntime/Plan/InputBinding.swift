internal import SurgeonIR

/// Checks what a caller gives against what the model declares, and puts it into its slots.
struct InputBinding {
  let plan: GraphPlan
  let options: SessionOptions

  func bind(_ given: [String: Datum], in frame: Frame) throws(SurgeonError) {
    let known = Set(plan.inputs.map(\.name))
    for name in given.keys.sorted() where !known.contains(name) {
      let names = plan.inputs.map { "'\($0.name)'" }.joined(separator: ", ")
      throw SurgeonError(
        .invalidData, "the model has no input '\(name)'", hint: "its inputs are \(names)")
    }
    var sizes = options.dimensions
    for input in plan.inputs {
      guard let datum = given[input.name] else {
        guard let other = input.defaultValue else {
          throw SurgeonError(.invalidData, "input '\(input.name)' is missing")
        }
        frame.values[input.slot] = .datum(other)
        continue
      }
      do throws(SurgeonError) {
        try check(datum, against: input.type, &sizes)
        frame.values[input.slot] = .datum(try datum.prepared(for: options.precision))
      } catch {
        throw error.within("input '\(input.name)'")
      }
    }
  }

  /// - Parameter sizes: what dimension parameters are known to be.
  private func check(
    _ datum: Datum, against type: ValueType?, _ sizes: inout [String: Int]
  ) throws(SurgeonError) {
    guard case .tensor(let elementType, let shape)? = type?.kind else { return }
    guard let tensor = datum.tensor else {
      throw SurgeonError(.invalidData, "the model wants a tensor")
    }
    let isWidened =
      options.precision == .double && tensor.elementType == .float64
      && options.precision.runtimeType(elementType) == .float64
    guard tensor.elementType == elementType || elementType == .undefined || isWidened else {
      throw SurgeonError(
        .invalidData,
        "the model wants elements of type \(elementType.name), not \(tensor.elementType.name)")
    }
    guard let shape else { return }
    guard shape.rank == tensor.shape.count else {
      throw SurgeonError(
        .invalidData, "the model wants rank \(shape.rank), not \(tensor.shape.count)",
        detail: "the given shape is \(tensor.shape)")
    }
    for (axis, (dimension, size)) in zip(shape.dimensions, tensor.shape).enumerated() {
      switch dimension.size {
      case .known(let wanted) where wanted != size:
        throw SurgeonError(
          .invalidData, "the model wants \(wanted) in dimension \(axis), not \(size)",
          detail: "the given shape is \(tensor.shape)")
      case .symbolic(let name):
        if let known = sizes[name], known != size {
          throw SurgeonError(
            .invalidData, "dimension \(axis) is '\(name)', which is \(known), not \(size)",
            detail: "the given shape is \(tensor.shape)")
        }
        sizes[name] = size
      case .known, .unknown: break
      }
    }
  }
}
