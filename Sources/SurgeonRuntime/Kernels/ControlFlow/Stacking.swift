internal import SurgeonIR

/// Taking tensors apart along an axis and putting them together again, whatever their elements.
///
/// Types narrower than a byte are refused where an element would begin inside one.
enum Stacking {
  /// The elements with `index` on `axis`, without that axis.
  static func slice(_ tensor: Tensor, axis: Int, index: Int) throws(SurgeonError) -> Tensor {
    var shape = tensor.shape
    let size = shape.remove(at: axis)
    let outer = shape[..<axis].reduce(1, *)
    let inner = shape[axis...].reduce(1, *)
    let runs = (0..<outer).map { (at: ($0 * size + index) * inner, from: 0) }
    return try gather(runs, of: inner, from: [tensor], elementType: tensor.elementType, shape)
  }

  /// Tensors of one type and shape along a new axis.
  static func stack(
    _ tensors: [Tensor], axis: Int, isReversed: Bool = false
  ) throws(SurgeonError) -> Tensor {
    let shape = tensors.first?.shape ?? []
    guard let type = tensors.first?.elementType,
      tensors.allSatisfy({ $0.elementType == type && $0.shape == shape }),
      (0...shape.count).contains(axis)
    else { throw SurgeonError(.invalidNode, "tensors of different types or shapes are stacked") }
    let outer = shape[..<axis].reduce(1, *)
    let inner = shape[axis...].reduce(1, *)
    let order = isReversed ? Array(tensors.indices.reversed()) : Array(tensors.indices)
    let runs = (0..<outer).flatMap { row in order.map { (at: row * inner, from: $0) } }
    var stacked = shape
    stacked.insert(tensors.count, at: axis)
    return try gather(runs, of: inner, from: tensors, elementType: type, stacked)
  }

  /// Tensors one after the other along an axis that they have, on which alone they may differ.
  static func join(_ tensors: [Tensor], axis: Int) throws(SurgeonError) -> Tensor {
    guard let first = tensors.first, (0..<first.shape.count).contains(axis) else {
      throw SurgeonError(.invalidNode, "there is nothing to join on axis \(axis)")
    }
    let fits = tensors.allSatisfy { tensor in
      tensor.elementType == first.elementType && tensor.shape.count == first.shape.count
        && tensor.shape.indices.allSatisfy { $0 == axis || tensor.shape[$0] == first.shape[$0] }
    }
    guard fits else {
      throw SurgeonError(.invalidNode, "tensors of different types or shapes are joined")
    }
    let outer = first.shape[..<axis].reduce(1, *)
    var parts: [Tensor] = []
    for row in 0..<outer {
      for tensor in tensors {
        let length = tensor.shape[axis...].reduce(1, *)
        parts.append(
          try gather(
            [(at: row * length, from: 0)], of: length, from: [tensor],
            elementType: first.elementType, [length]))
      }
    }
    var shape = first.shape
    shape[axis] = tensors.reduce(0) { $0 + $1.shape[axis] }
    return try concatenate(parts, first.elementType, shape)
  }

  /// The elements from `range` on `axis`.
  static func part(
    _ tensor: Tensor, axis: Int, range: Range<Int>
  ) throws(SurgeonError) -> Tensor {
    var shape = tensor.shape
    let outer = shape[..<axis].reduce(1, *)
    let inner = shape[(axis + 1)...].reduce(1, *)
    let size = shape[axis]
    shape[axis] = range.count
    let runs = (0..<outer).map { (at: ($0 * size + range.lowerBound) * inner, from: 0) }
    return try gather(
      runs, of: range.count * inner, from: [tensor], elementType: tensor.elementType, shape)
  }

  private static func gather(
    _ runs: [(at: Int, from: Int)], of length: Int, from tensors: [Tensor],
    elementType: ElementType, _ shape: [Int]
  ) throws(SurgeonError) -> Tensor {
    if elementType == .string {
      var elements: [[UInt8]] = []
      for run in runs { elements += try tensors[run.from].strings()[run.at..<(run.at + length)] }
      return Tensor(elementType: .string, shape: shape, storage: .strings(elements))
    }
    let width = try byteWidth(of: elementType)
    var sources: [TensorBytes] = []
    for tensor in tensors { sources.append(try tensor.bytes()) }
    let bytes = TensorBytes(count: runs.count * length * width) { target in
      for (index, run) in runs.enumerated() where length > 0 {
        target.baseAddress?.advanced(by: index * length * width).copyMemory(
          from: sources[run.from].base + run.at * width, byteCount: length * width)
      }
    }
    return Tensor(elementType: elementType, shape: shape, storage: .bytes(bytes))
  }

  private static func concatenate(
    _ parts: [Tensor], _ elementType: ElementType, _ shape: [Int]
  ) throws(SurgeonError) -> Tensor {
    if elementType == .string {
      var elements: [[UInt8]] = []
      for part in parts { elements += try part.strings() }
      return Tensor(elementType: .string, shape: shape, storage: .strings(elements))
    }
    var sources: [TensorBytes] = []
    for part in parts { sources.append(try part.bytes()) }
    let bytes = TensorBytes(count: sources.reduce(0) { $0 + $1.count }) { target in
      var offset = 0
      for source in sources {
        target.baseAddress?.advanced(by: offset).copyMemory(
          from: source.base, byteCount: source.count)
        offset += source.count
      }
    }
    return Tensor(elementType: elementType, shape: shape, storage: .bytes(bytes))
  }

  private static func byteWidth(of type: ElementType) throws(SurgeonError) -> Int {
    guard type.bitWidth >= 8 else {
      throw SurgeonError(
        .unsupportedOperator, "tensors of \(type.name) cannot be taken apart along an axis")
    }
    return type.bitWidth / 8
  }
}
