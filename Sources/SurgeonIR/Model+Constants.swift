extension Model {
  /// The constant that `value` is, however the file spells it: an initializer, a Constant node, a
  /// ConstantOfShape of a constant shape, or any of these behind Identity, Unsqueeze and Reshape
  /// nodes, which move no number.
  ///
  /// An initializer that is also a graph input is a default which a caller may override from IR
  /// version 4 on, and no constant; below 4 the standard demanded the listing, so there it is one.
  ///
  /// - Parameter trustsDefaults: takes overridable defaults for constants.
  /// - Throws: what reading a shape for ConstantOfShape throws.
  public func constant(
    _ value: Value.ID, trustsDefaults: Bool = false
  ) throws(SurgeonError) -> Tensor? {
    try constant(value, trustsDefaults: trustsDefaults, depth: 16)
  }

  /// - Parameter depth: how many nodes that change a shape may stand above each other. A file may
  ///   hold a chain of any length, and each costs a frame of the stack.
  private func constant(
    _ value: Value.ID, trustsDefaults: Bool, depth: Int
  ) throws(SurgeonError) -> Tensor? {
    guard depth > 0 else { return nil }
    var current = value
    while true {
      if let tensor = self[current].initializer {
        let isOverridable = self[current].isGraphInput && header.irVersion >= 4
        return isOverridable && !trustsDefaults ? nil : tensor
      }
      // Most values are computed by some other operator: that is found out without copying a record.
      guard let producer = self[current].producer?.node,
        Self.canonical(self[producer].domain).isEmpty
      else { return nil }
      switch self[producer].opType {
      case "Identity":
        guard let input = self[producer].input(0) else { return nil }
        current = input
      case "Constant": return Self.constant(of: self[producer])
      case "ConstantOfShape":
        guard let input = self[producer].input(0),
          let shape = try constant(input, trustsDefaults: trustsDefaults, depth: depth - 1)?
            .intElements()
        else { return nil }
        return try Self.filled(shape: shape, with: self[producer].tensor("value"))
      case "Unsqueeze", "Reshape":
        guard let input = self[producer].input(0),
          let tensor = try constant(input, trustsDefaults: trustsDefaults, depth: depth - 1),
          let shape = try newShape(
            of: tensor, by: self[producer], trustsDefaults: trustsDefaults, depth: depth)
        else { return nil }
        return tensor.reshaped(shape)
      default: return nil
      }
    }
  }

  /// True where `constant` finds one.
  public func isConstant(_ value: Value.ID, trustsDefaults: Bool = false) -> Bool {
    (try? constant(value, trustsDefaults: trustsDefaults)) != nil
  }

  /// The shape that an Unsqueeze or a Reshape gives a constant; nil where it is not constant or
  /// does not fit.
  private func newShape(
    of tensor: Tensor, by node: Node, trustsDefaults: Bool, depth: Int
  ) throws(SurgeonError) -> [Int]? {
    let isReshape = node.opType == "Reshape"
    var numbers = node.ints(isReshape ? "shape" : "axes")
    if let input = node.input(1) {
      numbers = try constant(
        input, trustsDefaults: trustsDefaults, depth: depth - 1)?.intElements()
    }
    guard let numbers else { return nil }
    return isReshape
      ? Self.reshaped(tensor.shape, to: numbers, keepsZeros: node.int("allowzero") ?? 0 != 0)
      : Self.unsqueezed(tensor.shape, at: numbers)
  }

  private static func unsqueezed(_ shape: [Int], at axes: [Int]) -> [Int]? {
    let rank = shape.count + axes.count
    let places = Set(axes.map { $0 < 0 ? $0 + rank : $0 })
    guard places.count == axes.count, places.allSatisfy({ (0..<rank).contains($0) }) else {
      return nil
    }
    var sizes = shape[...]
    return (0..<rank).map { places.contains($0) ? 1 : sizes.removeFirst() }
  }

  private static func reshaped(
    _ shape: [Int], to target: [Int], keepsZeros: Bool
  ) -> [Int]? {
    var result = target
    for (axis, size) in target.enumerated() where size == 0 && !keepsZeros {
      guard axis < shape.count else { return nil }
      result[axis] = shape[axis]
    }
    guard result.allSatisfy({ $0 >= -1 }) else { return nil }
    let count = shape.reduce(1, *)
    guard let known = result.lazy.filter({ $0 >= 0 }).elementCount else { return nil }
    if let open = result.firstIndex(of: -1) {
      guard result.count(where: { $0 == -1 }) == 1, known > 0, count % known == 0 else {
        return nil
      }
      result[open] = count / known
      return result
    }
    return known == count ? result : nil
  }

  private static func constant(of node: Node) -> Tensor? {
    for attribute in node.attributes {
      switch (attribute.name, attribute.payload) {
      case ("value", .tensor(let tensor)): return tensor
      case ("value_float", .float(let number)): return Tensor(scalar: number)
      case ("value_floats", .floats(let numbers)): return Tensor(numbers)
      case ("value_int", .int(let number)): return Tensor(scalar: number)
      case ("value_ints", .ints(let numbers)): return Tensor(numbers)
      case ("value_string", .string(let text)):
        return Tensor(elementType: .string, shape: [], storage: .strings([text]))
      case ("value_strings", .strings(let texts)):
        return Tensor(elementType: .string, shape: [texts.count], storage: .strings(texts))
      default: continue
      }
    }
    return nil
  }

  /// ConstantOfShape: `element` (one number, 0 in Float32 by default) everywhere.
  ///
  /// Declines more than 2^28 elements: as a constant that a rewrite computes with, nobody means it.
  private static func filled(
    shape: [Int], with element: Tensor?
  ) throws(SurgeonError) -> Tensor? {
    let element = element ?? Tensor([Float(0)])
    guard let count = shape.elementCount, count <= 1 << 28 else { return nil }
    guard element.count == 1, element.elementType.bitWidth >= 8 else { return nil }
    let bytes = try element.bytes()
    let width = element.elementType.bitWidth / 8
    guard bytes.count == width else { return nil }
    let repeated = TensorBytes(count: count * width) { destination in
      bytes.withUnsafeBytes { source in
        for index in 0..<count {
          (destination.baseAddress! + index * width).copyMemory(
            from: source.baseAddress!, byteCount: width)
        }
      }
    }
    return Tensor(elementType: element.elementType, shape: shape, bytes: repeated)
  }
}
