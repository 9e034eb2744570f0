extension Model {
  /// The constant that `value` is, however the file spells it: an initializer, a Constant node, a
  /// ConstantOfShape of a constant shape, or any of these behind Identity nodes.
  ///
  /// An initializer that is also a graph input is a default which a caller may override from IR
  /// version 4 on, and no constant; below 4 the standard demanded the listing, so there it is one.
  ///
  /// - Parameter trustsDefaults: takes overridable defaults for constants.
  /// - Throws: what reading a shape for ConstantOfShape throws.
  public func constant(
    _ value: Value.ID, trustsDefaults: Bool = false
  ) throws(SurgeonError) -> Tensor? {
    var current = value
    while true {
      let record = self[current]
      if let tensor = record.initializer {
        let isOverridable = record.isGraphInput && header.irVersion >= 4
        return isOverridable && !trustsDefaults ? nil : tensor
      }
      guard let producer = record.producer else { return nil }
      let node = self[producer.node]
      guard Self.canonical(node.domain).isEmpty else { return nil }
      switch node.opType {
      case "Identity":
        guard let input = node.input(0) else { return nil }
        current = input
      case "Constant": return Self.constant(of: node)
      case "ConstantOfShape":
        guard let input = node.input(0),
          let shape = try constant(input, trustsDefaults: trustsDefaults)?.intElements()
        else { return nil }
        return try Self.filled(shape: shape, with: node.tensor("value"))
      default: return nil
      }
    }
  }

  /// True where `constant` would find one, without reading numbers.
  public func isConstant(_ value: Value.ID, trustsDefaults: Bool = false) -> Bool {
    (try? constant(value, trustsDefaults: trustsDefaults)) != nil
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
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow, product <= 1 << 28 else { return nil }
      count = product
    }
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
