internal import SurgeonIR

/// Checks what a caller gives against what the model declares, and puts it into its slots.
struct InputBinding {
  let plan: GraphPlan
  let options: SessionOptions

  /// - Parameter value: what a given one is to the plan.
  /// - Throws: `invalidData` for a name that the model has no input for, before anything else.
  func bind<Given>(
    _ given: [String: Given], in frame: Frame, as value: (Given) -> RuntimeValue
  ) throws(SurgeonError) {
    let taken: Int
    do throws(SurgeonError) {
      taken = try take(given, in: frame, as: value)
    } catch {
      throw unknown(among: given.keys) ?? error
    }
    if taken < given.count, let error = unknown(among: given.keys) { throw error }
  }

  private func unknown(among names: some Collection<String>) -> SurgeonError? {
    let known = Set(plan.inputs.map(\.name))
    guard let name = names.filter({ !known.contains($0) }).min() else { return nil }
    let inputs = plan.inputs.map { "'\($0.name)'" }.joined(separator: ", ")
    return SurgeonError(
      .invalidData, "the model has no input '\(name)'", hint: "its inputs are \(inputs)")
  }

  /// - Returns: how many inputs were given.
  private func take<Given>(
    _ given: [String: Given], in frame: Frame, as runtimeValue: (Given) -> RuntimeValue
  ) throws(SurgeonError) -> Int {
    var taken = 0
    var sizes = options.dimensions
    for input in plan.inputs {
      guard let value = given[input.name].map(runtimeValue) else {
        guard let other = input.defaultValue else {
          throw SurgeonError(.invalidData, "input '\(input.name)' is missing")
        }
        frame.values[input.slot] = .datum(other)
        continue
      }
      do throws(SurgeonError) {
        try check(value, against: input.type, &sizes)
        frame.values[input.slot] =
          switch value {
          case .datum(let datum): .datum(try datum.prepared(for: options.precision))
          case .layout: value
          }
      } catch {
        throw error.within("input '\(input.name)'")
      }
      taken += 1
    }
    return taken
  }

  /// - Parameter sizes: what dimension parameters are known to be.
  private func check(
    _ value: RuntimeValue, against type: ValueType?, _ sizes: inout [String: Int]
  ) throws(SurgeonError) {
    guard case .tensor(let elementType, let shape)? = type?.kind else { return }
    guard let givenType = value.elementType, let given = value.shape else {
      throw SurgeonError(.invalidData, "the model wants a tensor")
    }
    let isWidened =
      options.precision == .double && givenType == .float64
      && options.precision.runtimeType(elementType) == .float64
    guard givenType == elementType || elementType == .undefined || isWidened else {
      throw SurgeonError(
        .invalidData,
        "the model wants elements of type \(elementType.name), not \(givenType.name)")
    }
    guard let shape else { return }
    guard shape.rank == given.count else {
      throw SurgeonError(
        .invalidData, "the model wants rank \(shape.rank), not \(given.count)",
        detail: "the given shape is \(given)")
    }
    for (axis, (dimension, size)) in zip(shape.dimensions, given).enumerated() {
      switch dimension.size {
      case .known(let wanted) where wanted != size:
        throw SurgeonError(
          .invalidData, "the model wants \(wanted) in dimension \(axis), not \(size)",
          detail: "the given shape is \(given)")
      case .symbolic(let name):
        if let known = sizes[name], known != size {
          throw SurgeonError(
            .invalidData, "dimension \(axis) is '\(name)', which is \(known), not \(size)",
            detail: "the given shape is \(given)")
        }
        sizes[name] = size
      case .known, .unknown: break
      }
    }
  }
}
