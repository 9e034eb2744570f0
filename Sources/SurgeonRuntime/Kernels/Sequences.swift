internal import SurgeonIR

/// Operators on sequences.
enum Sequences {
  @Sendable static func empty(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let type = call.runtimeType(try call.node.elementType("dtype") ?? .float32)
    return [.sequence([], elementType: .tensor(type, nil))]
  }

  @Sendable static func construct(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    var elements: [Datum] = []
    for slot in call.inputs.indices { elements.append(.tensor(try call.tensor(slot))) }
    return [.sequence(elements, elementType: elementType(of: elements))]
  }

  @Sendable static func length(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    [.tensor(Tensor(scalar: Int64(try sequence(call).elements.count)))]
  }

  @Sendable static func at(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let elements = try sequence(call).elements
    return [elements[try position(call, slot: 1, count: elements.count)]]
  }

  @Sendable static func erase(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    var (elements, type) = try sequence(call)
    let count = elements.count
    let place = call.has(1) ? try position(call, slot: 1, count: count) : count - 1
    guard count > 0 else { throw call.failure("an empty sequence has nothing to erase") }
    elements.remove(at: place)
    return [.sequence(elements, elementType: type)]
  }

  @Sendable static func insert(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    var (elements, type) = try sequence(call)
    let new = Datum.tensor(try call.tensor(1))
    let count = elements.count
    let place = call.has(2) ? try position(call, slot: 2, count: count, allowsEnd: true) : count
    elements.insert(new, at: place)
    return [.sequence(elements, elementType: type ?? elementType(of: [new]))]
  }

  /// SplitToSequence: pieces of one axis, of a given size or sizes; of size 1 (and without the axis,
  /// unless `keepdims`) where none is given.
  @Sendable static func split(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0)
    let rank = x.shape.count
    let declared = call.node.int("axis", default: 0)
    let axis = declared < 0 ? declared + rank : declared
    guard (0..<rank).contains(axis) else {
      throw call.failure("\(x.shape) has no axis \(declared)")
    }
    let size = x.shape[axis]
    var parts: [Datum] = []
    guard let given = try call.optionalTensor(1), let numbers = try given.intElements() else {
      let keepsAxis = call.node.flag("keepdims", default: true)
      for index in 0..<size {
        let part =
          keepsAxis
          ? try Movement.slice(x, axis: axis, index..<(index + 1), call)
          : try call.element(of: x, axis: axis, index: index)
        parts.append(.tensor(part))
      }
      return [.sequence(parts, elementType: .tensor(x.elementType, nil))]
    }
    var sizes = numbers
    if given.shape.isEmpty, let step = numbers.first {
      guard step > 0 else { throw call.failure("pieces of size \(step) do not exist") }
      sizes = stride(from: 0, to: size, by: step).map { min(step, size - $0) }
    }
    guard sizes.allSatisfy({ $0 >= 0 }), sizes.reduce(0, +) == size else {
      throw call.failure("pieces of \(sizes) do not make up an axis of \(size)")
    }
    var start = 0
    for piece in sizes {
      parts.append(.tensor(try Movement.slice(x, axis: axis, start..<(start + piece), call)))
      start += piece
    }
    return [.sequence(parts, elementType: .tensor(x.elementType, nil))]
  }

  @Sendable static func concatenate(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    var tensors: [Tensor] = []
    for element in try sequence(call).elements {
      guard let tensor = element.tensor else {
        throw call.failure("the sequence holds something else than tensors")
      }
      tensors.append(tensor)
    }
    let isNew = call.node.flag("new_axis")
    guard let rank = tensors.first?.shape.count, let declared = call.node.int("axis") else {
      throw call.failure("an empty sequence has nothing to concatenate")
    }
    let axis = try Sizes.axis(declared, rank: isNew ? rank + 1 : rank)
    let result =
      isNew ? try call.stacked(tensors, axis: axis) : try call.concatenated(tensors, axis: axis)
    return [.tensor(result)]
  }

  static func sequence(
    _ call: KernelCall, _ slot: Int = 0
  ) throws(SurgeonError) -> (elements: [Datum], type: ValueType?) {
    guard case .sequence(let elements, let type) = try call.datum(slot) else {
      throw call.failure("input \(slot) of \(call.node.opType) is not a sequence")
    }
    return (elements, type)
  }

  private static func elementType(of elements: [Datum]) -> ValueType? {
    elements.first?.tensor.map { .tensor($0.elementType, nil) }
  }

  private static func position(
    _ call: KernelCall, slot: Int, count: Int, allowsEnd: Bool = false
  ) throws(SurgeonError) -> Int {
    guard let given = try call.ints(slot)?.first else {
      throw call.failure("the position is missing")
    }
    let place = given < 0 ? given + count : given
    guard (0..<(allowsEnd ? count + 1 : count)).contains(place) else {
      throw call.failure("position \(given) lies outside a sequence of \(count)")
    }
    return place
  }
}

/// SequenceMap: a body over the elements of sequences, in step.
struct SequenceMapKernel: Kernel {
  var engineName: String { "control flow" }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?] {
    let (first, _) = try Sequences.sequence(call)
    var results = [[Datum]](repeating: [], count: call.node.outputNames.count)
    for index in first.indices {
      var arguments: [RuntimeValue] = []
      for slot in call.inputs.indices {
        let datum = try call.datum(slot)
        guard case .sequence(let elements, _) = datum else {
          arguments.append(.datum(datum))
          continue
        }
        guard elements.count == first.count else {
          throw call.failure("the sequences have different lengths")
        }
        arguments.append(.datum(elements[index]))
      }
      for (output, value) in try call.run(body: "body", arguments).enumerated()
      where output < results.count {
        results[output].append(try value.plain())
      }
    }
    return results.enumerated().map { output, elements in
      let type = call.node.bodies["body"].flatMap { plan in
        plan.outputs.indices.contains(output) ? plan.outputs[output].type : nil
      }
      return .datum(.sequence(elements, elementType: type))
    }
  }
}

/// Operators on values that may be absent.
enum Optionals {
  @Sendable static func make(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    guard call.has(0) else {
      guard case .type(let type)? = call.node.attribute("type") else {
        throw call.failure("an empty Optional needs the attribute 'type'")
      }
      return [.optional(nil, elementType: type)]
    }
    return [.optional(try call.datum(0), elementType: nil)]
  }

  @Sendable static func hasElement(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    var isPresent = call.has(0)
    if isPresent, case .optional(let element, _) = try call.datum(0) { isPresent = element != nil }
    return [.tensor(Tensor(scalar: isPresent))]
  }

  @Sendable static func getElement(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let datum = try call.datum(0)
    guard case .optional(let element, _) = datum else { return [datum] }
    guard let element else { throw call.failure("the optional value is absent") }
    return [element]
  }
}
