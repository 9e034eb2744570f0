public import SurgeonIR

/// State tensors of a model whose normalisation statistics keep running: inputs with a default,
/// each with an output `<name>.next` that the caller feeds back.
public enum StatePairs {
  /// The key of the model's metadata under which the pairs are listed, as a JSON array of
  /// `["input", "output"]`.
  public static let metadataKey = "surgeon.state"

  /// The pairs of the main graph, in the order of its inputs.
  public static func find(
    in model: borrowing Model
  ) -> [(state: Value.ID, next: Value.ID)] {
    let graph = model[model.mainGraph]
    var outputs: [String: Value.ID] = [:]
    for output in graph.outputs { outputs[model[output].name] = output }
    var pairs: [(state: Value.ID, next: Value.ID)] = []
    for input in graph.inputs where model[input].initializer != nil {
      if let next = outputs[model[input].name + ".next"] { pairs.append((input, next)) }
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

  /// The state that `value` is: an input of a pair, or the value that follows it.
  static func state(of value: Value.ID, in model: borrowing Model) -> Value.ID? {
    find(in: model).first { $0.state == value || $0.next == value }?.state
  }

  /// The value that follows a state.
  static func next(of state: Value.ID, in model: borrowing Model) -> Value.ID? {
    find(in: model).first { $0.state == state }?.next
  }
}
