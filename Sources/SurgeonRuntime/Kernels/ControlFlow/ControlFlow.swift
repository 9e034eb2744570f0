internal import SurgeonIR

/// If: the body that the condition selects.
struct IfKernel: Kernel {
  var engineName: String { "control flow" }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?] {
    let branch = try call.condition(0) ? "then_branch" : "else_branch"
    return try call.run(body: branch, [])
  }
}

/// Loop: a body over (iteration, condition, carried values), whose further outputs are stacked.
struct LoopKernel: Kernel {
  var engineName: String { "control flow" }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?] {
    let limit = try call.ints(0)?.first ?? Int.max
    var goesOn = call.has(1) ? try call.condition(1) : true
    var carried: [RuntimeValue] = []
    for value in call.inputs.dropFirst(2) {
      guard let value else { throw call.failure("a loop-carried value is missing") }
      carried.append(value)
    }
    let scanCount = max(call.node.outputNames.count - carried.count, 0)
    var scans = [[Tensor]](repeating: [], count: scanCount)
    var iteration = 0
    while iteration < limit, goesOn {
      let results = try call.run(
        body: "body",
        [.tensor(Tensor(scalar: Int64(iteration))), .tensor(Tensor(scalar: goesOn))] + carried)
      guard results.count == 1 + carried.count + scanCount else {
        throw call.failure(
          "the body of Loop yields \(results.count) values, not \(1 + carried.count + scanCount)")
      }
      goesOn = try results[0].condition(call)
      carried = Array(results[1..<(1 + carried.count)])
      for (index, result) in results[(1 + carried.count)...].enumerated() {
        scans[index].append(try result.tensor(call))
      }
      iteration += 1
    }
    var outputs: [RuntimeValue?] = carried
    for (index, parts) in scans.enumerated() {
      outputs.append(
        .tensor(
          parts.isEmpty
            ? try call.emptyStack(body: "body", output: 1 + carried.count + index)
            : try call.stacked(parts, axis: 0)))
    }
    return outputs
  }
}

/// Scan: a body over (states, one slice of each scanned input), whose further outputs are stacked.
struct ScanKernel: Kernel {
  var engineName: String { "control flow" }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?] {
    guard let scanned = call.node.int("num_scan_inputs"), scanned > 0 else {
      throw call.failure("num_scan_inputs must be positive")
    }
    if call.node.sinceVersion == 8 { return try runBatched(call, scanned) }
    let (states, inputs) = try divided(call, Array(call.inputs), scanned)
    return try scan(
      call, states, inputs,
      inputAxes: call.node.ints("scan_input_axes"),
      inputDirections: call.node.ints("scan_input_directions"),
      outputAxes: call.node.ints("scan_output_axes"),
      outputDirections: call.node.ints("scan_output_directions"))
  }

  /// Version 8: everything has a batch axis in front, and each entry may have its own length.
  private func runBatched(_ call: KernelCall, _ scanned: Int) throws(SurgeonError)
    -> [RuntimeValue?]
  {
    let (states, inputs) = try divided(call, Array(call.inputs.dropFirst()), scanned)
    let batch = inputs.first?.shape.first ?? 0
    let lengths = try call.ints(0)
    guard (states + inputs).allSatisfy({ $0.shape.first == batch }),
      inputs.allSatisfy({ $0.shape.count >= 2 }), lengths.map({ $0.count == batch }) ?? true,
      batch > 0
    else { throw call.failure("the inputs of Scan have no common batch axis") }
    var columns: [[Tensor]] = []
    for entry in 0..<batch {
      var own: [Tensor] = []
      for state in states { own.append(try call.element(of: state, axis: 0, index: entry)) }
      var sequences: [Tensor] = []
      for input in inputs {
        let sequence = try call.element(of: input, axis: 0, index: entry)
        let length = min(max(lengths?[entry] ?? sequence.shape[0], 0), sequence.shape[0])
        sequences.append(try Movement.slice(sequence, axis: 0, 0..<length, call))
      }
      let results = try scan(
        call, own, sequences, inputAxes: nil, inputDirections: call.node.ints("directions"),
        outputAxes: nil, outputDirections: nil)
      var tensors: [Tensor] = []
      for result in results { if let result { tensors.append(try result.tensor(call)) } }
      columns.append(tensors)
    }
    var outputs: [RuntimeValue?] = []
    for index in columns[0].indices {
      outputs.append(.tensor(try call.stacked(columns.map { $0[index] }, axis: 0)))
    }
    return outputs
  }

  private func divided(
    _ call: KernelCall, _ values: [RuntimeValue?], _ scanned: Int
  ) throws(SurgeonError) -> (states: [Tensor], inputs: [Tensor]) {
    var tensors: [Tensor] = []
    for value in values {
      guard let value else { throw call.failure("an input of Scan is missing") }
      tensors.append(try value.tensor(call))
    }
    guard tensors.count >= scanned else {
      throw call.failure("Scan has \(tensors.count) inputs, of which \(scanned) are to be scanned")
    }
    return (Array(tensors.dropLast(scanned)), Array(tensors.suffix(scanned)))
  }

  private func scan(
    _ call: KernelCall, _ initial: [Tensor], _ inputs: [Tensor], inputAxes: [Int]?,
    inputDirections: [Int]?, outputAxes: [Int]?, outputDirections: [Int]?
  ) throws(SurgeonError) -> [RuntimeValue?] {
    var axes: [Int] = []
    for (index, input) in inputs.enumerated() {
      let axis = inputAxes.flatMap { index < $0.count ? $0[index] : nil } ?? 0
      let positive = axis < 0 ? axis + input.shape.count : axis
      guard input.shape.indices.contains(positive) else {
        throw call.failure("scanned input \(index) has no axis \(axis)")
      }
      axes.append(positive)
    }
    let length = inputs[0].shape[axes[0]]
    guard zip(inputs, axes).allSatisfy({ $0.shape[$1] == length }) else {
      throw call.failure("the scanned inputs have different lengths")
    }
    let scanCount = max(call.node.outputNames.count - initial.count, 0)
    var states: [RuntimeValue] = initial.map { .tensor($0) }
    var scans = [[Tensor]](repeating: [], count: scanCount)
    for step in 0..<length {
      var arguments = states
      for (index, input) in inputs.enumerated() {
        let isReversed = isReversed(inputDirections, index)
        let at = isReversed ? length - 1 - step : step
        arguments.append(.tensor(try call.element(of: input, axis: axes[index], index: at)))
      }
      let results = try call.run(body: "body", arguments)
      guard results.count == states.count + scanCount else {
        throw call.failure(
          "the body of Scan yields \(results.count) values, not \(states.count + scanCount)")
      }
      states = Array(results[..<initial.count])
      for (index, result) in results[initial.count...].enumerated() {
        scans[index].append(try result.tensor(call))
      }
    }
    var outputs: [RuntimeValue?] = states
    for (index, parts) in scans.enumerated() {
      guard let first = parts.first else {
        outputs.append(.tensor(try call.emptyStack(body: "body", output: initial.count + index)))
        continue
      }
      let axis = outputAxes.flatMap { index < $0.count ? $0[index] : nil } ?? 0
      let positive = axis < 0 ? axis + first.shape.count + 1 : axis
      outputs.append(
        .tensor(
          try call.stacked(
            parts, axis: positive, isReversed: isReversed(outputDirections, index))))
    }
    return outputs
  }

  private func isReversed(_ directions: [Int]?, _ index: Int) -> Bool {
    directions.map { index < $0.count && $0[index] == 1 } ?? false
  }
}

extension KernelCall {
  /// Input `slot` as a condition.
  func condition(_ slot: Int) throws(SurgeonError) -> Bool {
    guard slot < inputs.count, let value = inputs[slot] else {
      throw failure("the condition of \(node.opType) is missing")
    }
    return try value.condition(self)
  }

  /// What a body's output is stacked to when the body never runs: no element, in the shape that
  /// the body declares as far as it does.
  func emptyStack(body: String, output: Int) throws(SurgeonError) -> Tensor {
    guard let plan = node.bodies[body], plan.outputs.indices.contains(output),
      let type = plan.outputs[output].type, let elementType = type.elementType
    else {
      throw failure("the loop never ran, and its body does not declare the type of its outputs")
    }
    let sizes = type.shape?.dimensions.map { $0.value ?? 0 } ?? []
    let storage: Tensor.Storage =
      elementType == .string ? .strings([]) : .bytes(TensorBytes([]))
    return Tensor(elementType: runtimeType(elementType), shape: [0] + sizes, storage: storage)
  }
}

extension RuntimeValue {
  func tensor(_ call: KernelCall) throws(SurgeonError) -> Tensor {
    guard case .tensor(let tensor) = try plain() else {
      throw call.failure("a tensor is needed where \(call.node.opType) meets another value")
    }
    return tensor
  }

  func condition(_ call: KernelCall) throws(SurgeonError) -> Bool {
    guard let first = try tensor(call).intElements()?.first else {
      throw call.failure("the condition of \(call.node.opType) is not a Boolean")
    }
    return first != 0
  }
}
