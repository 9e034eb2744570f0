internal import SurgeonIR

/// What a node names to call a model-local function.
struct FunctionKey: Hashable {
  let domain: String
  let name: String
  let overload: String

  init(_ function: Function) {
    domain = Model.canonical(function.domain)
    name = function.name
    overload = function.overload
  }

  init(_ node: Node) {
    domain = Model.canonical(node.domain)
    name = node.opType
    overload = node.overload
  }
}

/// Bookkeeping of the calls of model-local functions.
struct FunctionCalls {
  /// Functions whose bodies are being inferred: a function that calls itself has no types.
  var active: Set<Int> = []
  /// How often each body was inferred.
  var count: [Int: Int] = [:]
  /// Values of each function's body and of the bodies within; filled with the first call.
  var values: [Int: [Value.ID]]?
  /// Nodes that calls may still infer. A chain of functions that call each other twice has as many
  /// nodes as two to the power of its length, when it runs as when it is inferred.
  var remainingNodes = 300_000
}

extension InferenceEngine {
  /// Infers a function's body for one call.
  ///
  /// Each call is inferred with its own input types; the body's values keep what holds for all
  /// calls.
  func call(_ index: Int, from context: inout NodeInference) throws(SurgeonError) {
    let function = model.functions[index]
    let body = function.body
    guard !calls.active.contains(index) else {
      throw context.error("the function '\(function.name)' calls itself")
    }
    calls.remainingNodes -= model[body].nodeCount
    guard calls.remainingNodes > 0 else {
      throw context.error("the calls of functions within functions are too many to follow")
    }
    var inputContents: [Contents?] = []
    for slot in model[body].inputs.indices { inputContents.append(try context.contents(slot)) }
    let values = values(ofFunction: index)
    let saved = values.map { table[$0] }
    for value in values {
      setType(nil, of: value)
      table.contents[value] = nil
    }
    let outerBindings = bindings
    bindings = boundAttributes(of: function, from: context)
    for (slot, input) in model[body].inputs.enumerated() {
      setType(context.type(slot) ?? recordedType(of: input), of: input)
      table.contents[input] = inputContents[slot]
    }
    calls.active.insert(index)
    infer(body)
    calls.active.remove(index)
    bindings = outerBindings
    for (slot, output) in model[body].outputs.enumerated() {
      context.set(slot, table[output])
      context.set(contents: table.contents[output], of: slot)
    }
    if calls.count.updateValue(calls.count[index, default: 0] + 1, forKey: index) != nil {
      for (value, earlier) in zip(values, saved) {
        setType(.joined(earlier, table[value]), of: value)
      }
    }
  }

  /// Functions that nothing calls are inferred from what they record.
  func inferUncalledFunctions() {
    for (index, function) in model.functions.enumerated() where calls.count[index] == nil {
      for attribute in function.attributeDefaults { bindings[attribute.name] = attribute }
      calls.active.insert(index)
      infer(function.body)
      calls.active.remove(index)
      bindings = [:]
    }
  }

  private func boundAttributes(
    of function: Function, from context: borrowing NodeInference
  ) -> [String: Attribute] {
    var result: [String: Attribute] = [:]
    for attribute in function.attributeDefaults { result[attribute.name] = attribute }
    for attribute in context.node.attributes {
      if case .reference(let name, _) = attribute.payload {
        if let bound = bindings[name] { result[attribute.name] = bound }
      } else {
        result[attribute.name] = attribute
      }
    }
    return result
  }

  private func values(ofFunction index: Int) -> [Value.ID] {
    if calls.values == nil {
      var owners: [Int?] = []
      for raw in 0..<model.graphTableCount {
        let graph = Graph.ID(raw: Int32(raw))
        switch model[graph].owner {
        case .model: owners.append(nil)
        case .function(let index): owners.append(index)
        // A body may be older than the graph that its node stands in.
        case .node: owners.append(functionAround(graph))
        }
      }
      var values: [Int: [Value.ID]] = [:]
      for value in model.allValues {
        if let owner = owners[Int(model[value].graph.raw)] {
          values[owner, default: []].append(value)
        }
      }
      calls.values = values
    }
    return calls.values?[index] ?? []
  }

  private func functionAround(_ graph: Graph.ID) -> Int? {
    var current = graph
    while let next = model.parent(of: current) { current = next }
    if case .function(let index) = model[current].owner { return index }
    return nil
  }
}
