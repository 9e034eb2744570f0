internal import CKernels
internal import SurgeonIR
internal import SurgeonShapes

/// Makes one step of a convolution, or a product with a constant matrix, and the elementwise operators
/// that follow it, and of chains of elementwise operators, where nobody else reads what is in between.
///
/// A BatchNormalization (or a multiplication by, or addition of, a constant for each channel) right
/// after a convolution goes into the weights, and so does one right before it.
struct Fusion {
  /// Steps that become one. A reference: to move one from step to step would copy all that it holds.
  private final class Group {
    var parts: [FusedKernel.Part]
    /// What the fused step reads, in order.
    var inputs: [Int?]
    var operations: [FusedOperation]
    var convolution: FastConvolution?
    let product: FusedProduct?
    let excitation: SqueezeExcitation?
    var output: Int

    init(
      _ parts: [FusedKernel.Part], inputs: [Int?], operations: [FusedOperation] = [],
      convolution: FastConvolution? = nil, product: FusedProduct? = nil,
      excitation: SqueezeExcitation? = nil, output: Int
    ) {
      self.parts = parts
      self.inputs = inputs
      self.operations = operations
      self.convolution = convolution
      self.product = product
      self.excitation = excitation
      self.output = output
    }

    /// Takes in the parts and inputs of a group whose first input this one computes. Returns how far
    /// its other inputs have moved.
    func take(_ other: Group) -> Int {
      let (inputShift, partBase) = (inputs.count - 1, parts.count)
      for part in other.parts {
        var moved = part
        moved.inputs = part.inputs.map { input in
          switch input {
          case .absent, .constant: input
          case .input(0): .result(part: partBase - 1)
          case .input(let slot): .input(inputShift + slot)
          case .result(let part): .result(part: partBase + part)
          }
        }
        parts.append(moved)
      }
      inputs += other.inputs.dropFirst()
      return inputShift
    }
  }

  private let steps: [GraphPlan.Step]
  private let values: [Value.ID]
  private let types: TypeTable
  /// How often a slot is read, by slot.
  private var useCounts: [Int]
  /// By the index of their last step.
  private var groups: [Group?]
  /// The group that computes a slot, by slot.
  private var producers: [Int?]
  /// The step that averages the positions of a value, by the slot of the average.
  private var averages: [Int: Int] = [:]

  /// - Parameters:
  ///   - values: what each slot holds.
  ///   - outputs: slots that the graph returns or that somebody watches.
  static func fuse(
    _ steps: [GraphPlan.Step], values: [Value.ID], outputs: [Int], types: TypeTable
  ) throws(SurgeonError) -> [GraphPlan.Step] {
    var fusion = Fusion(steps, values, outputs, types)
    for index in steps.indices { try fusion.visit(index) }
    return steps.indices.compactMap { fusion.step(at: $0) }
  }

  private init(
    _ steps: [GraphPlan.Step], _ values: [Value.ID], _ outputs: [Int], _ types: TypeTable
  ) {
    self.steps = steps
    self.values = values
    self.types = types
    useCounts = Array(repeating: 0, count: values.count)
    groups = Array(repeating: nil, count: steps.count)
    producers = Array(repeating: nil, count: values.count)
    isRemoved = Array(repeating: false, count: steps.count)
    for slot in outputs { useCounts[slot] += 2 }
    for step in steps {
      for case let slot? in step.inputs { useCounts[slot] += 1 }
      for capture in step.node.bodies.values.flatMap(\.captures) {
        useCounts[capture.outerSlot] += 2
      }
    }
  }

  private mutating func visit(_ index: Int) throws(SurgeonError) {
    let step = steps[index]
    guard step.node.domain.isEmpty, step.outputs.count == 1, let output = step.outputs[0] else {
      return
    }
    if step.node.opType == "Conv", let convolution = FastConvolution(step.node) {
      let group = Group(
        [part(step, inputs: step.inputs)], inputs: step.inputs, convolution: convolution,
        output: output)
      place(takingIn(before: group), at: index)
    } else if step.inputs.count <= 3, let product = FusedProduct(step.node) {
      // The operands of what follows come after the product's own inputs, its addend among them.
      let inputs = step.inputs + Array(repeating: nil, count: 3 - step.inputs.count)
      place(
        Group(
          [part(step, inputs: inputs)], inputs: inputs, product: product, output: output),
        at: index)
    } else if try averagesPositions(step) {
      averages[output] = index
    } else if let excitation = try excitation(step, output) {
      groups[index] = excitation
    } else if let swish = swish(step, output) {
      append(swish, at: index, isUsedTwice: true)
    } else if let (main, operations, operands) = try operation(step) {
      let inputs = [main] + operands
      append(
        Group(
          [part(step, inputs: inputs)], inputs: inputs, operations: operations, output: output),
        at: index, isUsedTwice: false)
    }
  }

  /// A convolution with what is done to its input alone, where its weights can take that in.
  private mutating func takingIn(before group: Group) -> Group {
    guard let x = group.inputs[0], useCounts[x] == 1, let producer = producers[x],
      let whole = groups[producer], whole.convolution == nil, whole.product == nil,
      whole.excitation == nil, whole.inputs.count == 1, var convolution = group.convolution,
      convolution.absorb(before: whole.operations)
    else { return group }
    _ = whole.take(group)
    whole.operations = []
    whole.convolution = convolution
    whole.output = group.output
    groups[producer] = nil
    isRemoved[producer] = true
    producers[x] = nil
    return whole
  }

  private func part(_ step: GraphPlan.Step, inputs: [Int?]) -> FusedKernel.Part {
    FusedKernel.Part(
      step,
      inputs: step.inputs.enumerated().map { index, slot in
        if let slot, let position = inputs.firstIndex(of: slot) { return .input(position) }
        return step.node.constants[index].map { .constant($0) } ?? .absent
      })
  }

  /// x sigmoid(x), which reads x twice.
  private mutating func swish(_ step: GraphPlan.Step, _ output: Int) -> Group? {
    guard step.node.opType == "Mul", step.inputs.count == 2, let a = step.inputs[0],
      let b = step.inputs[1], a != b
    else { return nil }
    for (x, gate) in [(a, b), (b, a)] {
      guard let producer = producers[gate], let group = groups[producer], useCounts[gate] == 1,
        group.inputs == [x], group.convolution == nil, group.product == nil,
        group.operations.count == 1
      else { continue }
      var operation = group.operations[0]
      switch operation.op {
      case CK_SIGMOID: (operation.op, operation.alpha) = (CK_SWISH, 1)
      case CK_HARD_SIGMOID: operation.op = CK_HARD_SWISH
      default: continue
      }
      groups[producer] = nil
      isRemoved[producer] = true
      let inputs: [FusedKernel.Part.Input] = step.inputs.map {
        $0 == x ? .input(0) : .result(part: 0)
      }
      let own = FusedKernel.Part(step, inputs: inputs)
      return Group(
        group.parts + [own], inputs: [x], operations: [operation], output: output)
    }
    return nil
  }

  private func averagesPositions(_ step: GraphPlan.Step) throws(SurgeonError) -> Bool {
    guard let x = step.inputs.first ?? nil, let rank = types[values[x]]?.rank else { return false }
    return try FastReduction.averagesPositions(step.node, rank: rank)
  }

  /// x times what two convolutions make of the average of x.
  private mutating func excitation(
    _ step: GraphPlan.Step, _ output: Int
  ) throws(SurgeonError) -> Group? {
    guard step.node.opType == "Mul", step.inputs.count == 2, let a = step.inputs[0],
      let b = step.inputs[1], a != b
    else { return nil }
    for (x, gate) in [(a, b), (b, a)] {
      guard let (second, excite) = try layer(of: gate), let hidden = second.inputs[0],
        let (first, squeeze) = try layer(of: hidden), let mean = first.inputs[0],
        useCounts[mean] == 1, let pool = averages[mean], steps[pool].inputs[0] == x,
        let block = SqueezeExcitation(squeeze: squeeze, excite: excite)
      else { continue }
      let group = Group(
        [part(steps[pool], inputs: [x])], inputs: [x], excitation: block, output: output)
      _ = group.take(first)
      _ = group.take(second)
      group.parts.append(
        FusedKernel.Part(
          step,
          inputs: step.inputs.map { $0 == x ? .input(0) : .result(part: group.parts.count - 1) }))
      isRemoved[pool] = true
      for slot in [hidden, gate] {
        guard let producer = producers[slot] else { continue }
        producers[slot] = nil
        groups[producer] = nil
        isRemoved[producer] = true
      }
      return group
    }
    return nil
  }

  /// The group that computes a slot which one step reads, where it is a layer of one position.
  private func layer(
    of slot: Int
  ) throws(SurgeonError) -> (Group, SqueezeExcitation.Layer)? {
    guard useCounts[slot] == 1, let producer = producers[slot], let group = groups[producer],
      let layer = try group.convolution?.layer(with: group.operations)
    else { return nil }
    return (group, layer)
  }

  /// Steps that have become part of a later one.
  private var isRemoved: [Bool]

  /// What an elementwise step does to which input, with which other inputs.
  private func operation(
    _ step: GraphPlan.Step
  ) throws(SurgeonError) -> (main: Int, [FusedOperation], operands: ArraySlice<Int?>)? {
    let node = step.node
    if step.kernel is AwaitedNormalization, let main = step.inputs[0] {
      return (main, AwaitedNormalization.operations, step.inputs.dropFirst())
    }
    if node.opType == "BatchNormalization" {
      guard let main = step.inputs[0], let rank = types[values[main]]?.rank,
        let normalization = FastBatchNormalization(node),
        let line = try normalization.constantLine(node, rank: rank)
      else { return nil }
      return (main, line.operations, [])
    }
    if let unary = try FastUnary.step(node), let main = step.inputs[0] {
      return (main, [FusedOperation(op: unary.op, alpha: unary.alpha, beta: unary.beta)], [])
    }
    guard step.inputs.count == 2, let a = step.inputs[0], let b = step.inputs[1], a != b,
      let binary = FastBinary(node), let output = step.outputs[0]
    else { return nil }
    // The operand that is as large as the result is the one to be changed in place; of two such,
    // the one whose computation can take this step in.
    let shape = types[values[output]]?.shape
    func isWhole(_ slot: Int) -> Bool {
      shape != nil && types[values[slot]]?.shape == shape
    }
    func isOpen(_ slot: Int) -> Bool { producers[slot] != nil && useCounts[slot] == 1 }
    var choices = [(a, b, Optional(binary.op), 1)]
    choices.append((b, a, binary.exchanged, 0))
    choices = choices.filter { isWhole($0.0) && $0.2 != nil }
    choices.sort { first, second in
      (isOpen(first.0) ? 1 : 0, first.0) > (isOpen(second.0) ? 1 : 0, second.0)
    }
    guard case (let main, let operand, let op?, let slot)? = choices.first else { return nil }
    if let constant = node.constants[slot] {
      guard constant.elementType == .float32 else { return nil }
      return (main, [FusedOperation(op: op, operand: .constant(constant))], [])
    }
    return (main, [FusedOperation(op: op, operand: .input(1))], [operand])
  }

  private mutating func append(_ group: Group, at index: Int, isUsedTwice: Bool) {
    guard let main = group.inputs[0], let producer = producers[main],
      useCounts[main] == (isUsedTwice ? 2 : 1), let whole = groups[producer].take()
    else {
      place(group, at: index)
      return
    }
    let shift = whole.take(group)
    for operation in group.operations {
      if whole.operations.isEmpty, whole.convolution?.absorb(operation) == true { continue }
      var moved = operation
      if let slot = operation.slot { moved.operand = .input(shift + slot) }
      whole.operations.append(moved)
    }
    whole.output = group.output
    isRemoved[producer] = true
    producers[main] = nil
    place(whole, at: index)
  }

  private mutating func place(_ group: Group, at index: Int) {
    groups[index] = group
    producers[group.output] = index
  }

  private mutating func step(at index: Int) -> GraphPlan.Step? {
    guard !isRemoved[index] else { return nil }
    guard let group = groups[index].take(), group.parts.count > 1 else { return steps[index] }
    var whole = FusedKernel.Whole.chain(group.operations)
    if let excitation = group.excitation {
      whole = .excitation(excitation)
    } else if var convolution = group.convolution {
      convolution.operations = group.operations
      whole = .convolution(convolution)
    } else if var product = group.product {
      product.operations = group.operations
      whole = .product(product)
    }
    return GraphPlan.Step(
      kernel: FusedKernel(parts: group.parts, whole: whole),
      description: steps[index].description, inputs: group.inputs, outputs: [group.output])
  }
}
