internal import SurgeonIR

/// Operators with bodies. A body reads values of the graphs around it, so it is inferred in place;
/// where it runs more than once its values have the types that hold for every run.
enum ControlFlow {
  /// If: what both branches agree on, or the one branch that a known condition chooses.
  static func branch(_ node: inout NodeInference) throws(SurgeonError) {
    guard let whenTrue = node.body("then_branch"), let whenFalse = node.body("else_branch") else {
      throw node.error("a branch is missing")
    }
    let engine = node.engine
    var taken: Graph.ID?
    if case .integer(let condition)? = try node.contents(0)?.elements.first {
      taken = condition != 0 ? whenTrue : whenFalse
    }
    for branch in [whenTrue, whenFalse] {
      // A branch that never runs may be for inputs of another rank, and need not fit these.
      let isDead = taken != nil && taken != branch
      let (failures, contradictions) = (engine.table.failures, engine.table.contradictions)
      engine.infer(branch)
      if isDead {
        engine.table.failures = failures
        engine.table.contradictions = contradictions
      }
    }
    for output in node.node.outputs.indices {
      if let taken {
        node.set(output, engine.outputType(output, of: taken))
        node.set(contents: engine.outputContents(output, of: taken), of: output)
      } else {
        node.set(
          output,
          .joined(
            engine.outputType(output, of: whenTrue), engine.outputType(output, of: whenFalse)))
      }
    }
  }

  /// Loop: inputs M, condition, state...; the body maps (iteration, condition, state...) to
  /// (condition, state..., scan outputs...).
  static func loop(_ node: inout NodeInference) throws(SurgeonError) {
    guard let body = node.body("body") else { throw node.error("the body is missing") }
    let engine = node.engine
    let stateCount = max(node.inputCount - 2, 0)
    let parameters = engine.model[body].inputs
    guard parameters.count == stateCount + 2 else {
      throw node.error(
        "the body takes \(parameters.count) inputs where \(stateCount + 2) are given")
    }
    let initial = (0..<stateCount).map { [node] in node.type($0 + 2) }
    let state = node.stableState(initial) { state in
      engine.begin(
        body, with: [.tensor(.int64, Shape([Int]())), .tensor(.bool, Shape([Int]()))] + state)
      engine.infer(body)
      return (0..<stateCount).map { engine.outputType($0 + 1, of: body) }
    }
    for index in 0..<stateCount { node.set(index, state[index]) }
    for output in stateCount..<max(node.node.outputs.count, stateCount) {
      let type = engine.outputType(output + 1, of: body)
      node.set(output, type?.stacked(along: 0, length: .unknown))
    }
  }

  /// Scan: state first, then the tensors that are taken apart along an axis.
  ///
  /// In opset 8 there is an optional first input of lengths, and a batch axis before everything.
  static func scan(_ node: inout NodeInference) throws(SurgeonError) {
    guard let body = node.body("body") else { throw node.error("the body is missing") }
    let isBatched = node.opset < 9
    let first = isBatched ? 1 : 0
    let scanCount = node.int("num_scan_inputs", default: 0)
    let stateCount = node.inputCount - first - scanCount
    let engine = node.engine
    guard scanCount > 0, stateCount >= 0,
      engine.model[body].inputs.count == stateCount + scanCount
    else {
      throw node.error("num_scan_inputs is \(scanCount) for \(node.inputCount - first) inputs")
    }
    var length = Dimension.unknown
    var batch = Dimension.unknown
    var types: [ValueType?] = []
    for index in 0..<stateCount + scanCount {
      var type = node.type(first + index)
      if isBatched, let (dimension, rest) = type?.unstacked(along: 0) {
        batch = dimension
        type = rest
      }
      if index >= stateCount {
        let axes = node.ints("scan_input_axes") ?? []
        let given = isBatched || axes.isEmpty ? 0 : axes[min(index - stateCount, axes.count - 1)]
        let rank = type?.rank ?? 0
        let slice = type?.unstacked(along: given < 0 ? given + rank : given)
        if let size = slice?.dimension {
          length = try node.unify(length, size, "\(node.describe(first + index)) is not as long")
        }
        type = slice?.rest ?? type?.elementType.map { .tensor($0, nil) }
      }
      types.append(type)
    }
    engine.begin(body, with: types)
    engine.infer(body)
    for output in node.node.outputs.indices {
      var type = engine.outputType(output, of: body)
      if output >= stateCount {
        let axes = node.ints("scan_output_axes") ?? []
        let given = isBatched || axes.isEmpty ? 0 : axes[min(output - stateCount, axes.count - 1)]
        let rank = (type?.rank ?? 0) + 1
        type = type?.stacked(along: given < 0 ? given + rank : given, length: length)
      }
      node.set(output, isBatched ? type?.stacked(along: 0, length: batch) : type)
    }
  }

  /// SequenceMap: the body maps elements of the sequences (and the other inputs) to elements.
  static func sequenceMap(_ node: inout NodeInference) throws(SurgeonError) {
    guard let body = node.body("body") else { throw node.error("the body is missing") }
    let engine = node.engine
    let types = (0..<node.inputCount).map { [node] input -> ValueType? in
      let type = node.type(input)
      if case .sequence(let element)? = type?.kind { return element }
      return type
    }
    engine.begin(body, with: types)
    engine.infer(body)
    for output in node.node.outputs.indices {
      node.set(output, engine.outputType(output, of: body).map { ValueType(.sequence($0)) })
    }
  }
}

extension NodeInference {
  /// The body in attribute `name`.
  func body(_ name: String) -> Graph.ID? {
    if case .graph(let graph)? = attribute(name) { graph } else { nil }
  }

  /// Runs `round` until the state that goes in is no more special than the one that comes out.
  ///
  /// What changes from round to round is not known: first its sizes, at last its rank. Deep inside
  /// of other loops the shapes are given up at once, so that the work does not double with each.
  func stableState(
    _ initial: [ValueType?], round: ([ValueType?]) -> [ValueType?]
  ) -> [ValueType?] {
    var state = initial
    let limit = 3
    engine.loopDepth += 1
    defer { engine.loopDepth -= 1 }
    for _ in 0..<(engine.loopDepth > limit ? 0 : limit) {
      let after = zip(state, round(state)).map { ValueType.joined($0, $1) }
      if after == state { return state }
      state = after
    }
    state = state.map { type in type?.elementType.map { .tensor($0, nil) } ?? type }
    return zip(state, round(state)).map { ValueType.joined($0, $1) }
  }
}

extension InferenceEngine {
  /// Sets the types of a body's inputs: what is given, completed by what is recorded.
  func begin(_ body: Graph.ID, with types: [ValueType?]) {
    for (input, given) in zip(model[body].inputs, types) {
      let recorded = recordedType(of: input)
      if let given, let recorded {
        setType(ValueType.merged(computed: given, recorded: recorded).type, of: input)
      } else {
        setType(given ?? recorded, of: input)
      }
      table.contents[input] = nil
    }
  }

  func outputType(_ output: Int, of graph: Graph.ID) -> ValueType? {
    let outputs = model[graph].outputs
    return output < outputs.count ? table[outputs[output]] : nil
  }

  func outputContents(_ output: Int, of graph: Graph.ID) -> Contents? {
    let outputs = model[graph].outputs
    return output < outputs.count ? table.contents[outputs[output]] : nil
  }
}

extension ValueType {
  /// The tensor with one more axis of `length` in front of axis `axis`.
  func stacked(along axis: Int, length: Dimension) -> ValueType? {
    guard let elementType else { return nil }
    guard var dimensions = shape?.dimensions, (0...dimensions.count).contains(axis) else {
      return .tensor(elementType, nil)
    }
    dimensions.insert(length, at: axis)
    return .tensor(elementType, Shape(dimensions))
  }

  /// The tensor without axis `axis`, and that axis's dimension.
  func unstacked(along axis: Int) -> (dimension: Dimension, rest: ValueType)? {
    guard let elementType, var dimensions = shape?.dimensions,
      dimensions.indices.contains(axis)
    else { return nil }
    let dimension = dimensions.remove(at: axis)
    return (dimension, .tensor(elementType, Shape(dimensions)))
  }
}
