public import SurgeonIR

/// State tensors of a model whose normalisation statistics keep running: inputs with a default,
/// each with an output `<name>.next` that the caller feeds back.
public enum StatePairs {
  /// The key of the model's metadata under which the pairs are listed, as a JSON array of
  /// `["input", "output"]`.
  public static let metadataKey = "surgeon.state"

  /// What the name of the output that follows a state has more than the state's.
  public static let suffix = ".next"

  /// The pairs of the main graph, in the order of its inputs.
  public static func find(
    in model: borrowing Model
  ) -> [(state: Value.ID, next: Value.ID)] {
    let graph = model[model.mainGraph]
    var outputs: [String: Value.ID] = [:]
    for output in graph.outputs { outputs[model[output].name] = output }
    var pairs: [(state: Value.ID, next: Value.ID)] = []
    for input in graph.inputs where model[input].initializer != nil {
      if let next = outputs[model[input].name + suffix] { pairs.append((input, next)) }
    }
    return pairs
  }

  /// Lists the pairs in the model's metadata, or takes the list away where there are none.
  public static func record(in model: inout Model) {
    let pairs = find(in: model).map { pair in
      PlanValue.array([.string(model[pair.state].name), .string(model[pair.next].name)])
    }
    let index = model.header.metadata.firstIndex { $0.key == metadataKey }
    switch (index, pairs.isEmpty) {
    case (let index?, true): model.header.metadata.remove(at: index)
    case (let index?, false): model.header.metadata[index].value = PlanValue.array(pairs).json
    case (nil, true): break
    case (nil, false):
      model.header.metadata.append(StringPair(metadataKey, PlanValue.array(pairs).json))
    }
  }

  /// The tensor that `values` have for the state of this name: its own, or that of the output that
  /// follows it, which is the later one.
  static func tensor(of name: String, in values: [String: Tensor]) -> Tensor? {
    values[name + suffix] ?? values[name]
  }

  /// The names of states that are in the model before and not in the one after, and have no tensor
  /// among `values`.
  static func missing(
    in values: [String: Tensor], turningBack before: borrowing Model, to after: borrowing Model
  ) -> [String] {
    let rest = Set(find(in: after).map { after[$0.state].name })
    return find(in: before).map { before[$0.state].name }.filter {
      !rest.contains($0) && tensor(of: $0, in: values) == nil
    }
  }

  /// - Throws: `invalidData` where none of `values` is a state of the model, or one does not fit.
  static func check(
    _ values: [String: Tensor], against model: borrowing Model
  ) throws(SurgeonError) {
    guard !values.isEmpty else { return }
    let pairs = find(in: model)
    guard !pairs.isEmpty else {
      throw SurgeonError(
        .invalidData, "there is no state in the model that the given one could be of",
        detail: "no input with a default has an output NAME.next",
        hint: "final state is for a model that --to welford or --to running made")
    }
    var isFound = false
    for (state, _) in pairs {
      let name = model[state].name
      guard let tensor = tensor(of: name, in: values) else { continue }
      isFound = true
      let expected = model[state].initializer?.shape ?? tensor.shape
      guard tensor.shape == expected else {
        throw SurgeonError(
          .invalidData, "state '\(name)' has shape \(expected)", detail: "given: \(tensor.shape)",
          hint: "surgeon run --repeat-state --final-state writes the state after the last sample")
      }
    }
    guard isFound else {
      throw SurgeonError(
        .invalidData, "none of the given tensors is a state of the model",
        detail: "given: \(list(values.keys.sorted())); states: "
          + list(pairs.map { model[$0.state].name }))
    }
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(4).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 4 ? ", ..." : "")
  }

  /// The state that `value` is: an input of a pair, or the value that follows it.
  static func state(of value: Value.ID, in model: borrowing Model) -> Value.ID? {
    find(in: model).first { $0.state == value || $0.next == value }?.state
  }

  /// The value that follows a state.
  static func next(of state: Value.ID, in model: borrowing Model) -> Value.ID? {
    find(in: model).first { $0.state == state }?.next
  }
}
