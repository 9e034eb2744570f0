internal import SurgeonIR

/// Names, types and literals as ONNX's textual syntax writes them.
enum TextWords {
  /// A name as it is where the syntax allows it, in quotes elsewhere.
  static func name(_ name: String) -> String {
    let isPlain =
      name.utf8.allSatisfy { byte in
        byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      } && !(name.utf8.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? true)
    // A value called `float` would be read as a type.
    let isKeyword =
      ElementType(name: name) != nil
      || ["seq", "map", "optional", "sparse_tensor", "opaque"].contains(name)
    return isPlain && !isKeyword ? name : quoted(name)
  }

  /// The name of a body in an attribute, where the syntax allows no quotes, and where a type or a
  /// number in words would be read as one. Nothing refers to it.
  static func bodyName(_ name: String) -> String {
    let plain = String(
      name.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" ? $0 : "_" })
    let isNumber = ["inf", "infinity", "nan"].contains(plain.lowercased())
    return self.name(plain) == plain && !isNumber ? plain : "body_\(plain)"
  }

  static func quoted(_ text: String) -> String { quoted(Array(text.utf8)) }

  static func quoted(_ bytes: [UInt8]) -> String {
    var result: [UInt8] = [UInt8(ascii: "\"")]
    for byte in bytes {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        result.append(UInt8(ascii: "\\"))
      }
      result.append(byte)
    }
    result.append(UInt8(ascii: "\""))
    return String(decoding: result, as: UTF8.self)
  }

  /// A number that is read back as floating-point; infinities and NaN as the syntax has them.
  static func number(_ value: Double, _ shortest: String) -> String {
    if value.isNaN { return "nan" }
    return value.isInfinite ? (value < 0 ? "-inf" : "inf") : shortest
  }

  static func type(_ tensor: Tensor) -> String {
    tensor.elementType.name
      + (tensor.shape.isEmpty
        ? "" : "[\(tensor.shape.map { "\($0)" }.joined(separator: ", "))]")
  }

  /// nil for what the syntax cannot say.
  static func type(_ type: ValueType?) -> String? {
    switch type?.kind {
    case .tensor(let element, let shape)?:
      element == .undefined ? nil : element.name + self.shape(shape)
    case .sparseTensor(let element, let shape)?:
      "sparse_tensor(\(element.name)\(self.shape(shape)))"
    case .sequence(let element)?: self.type(element).map { "seq(\($0))" }
    case .optional(let element)?: self.type(element).map { "optional(\($0))" }
    case .map(let key, let value)?: self.type(value).map { "map(\(key.name), \($0))" }
    case .opaque(let domain, let name)?:
      domain.isEmpty ? "opaque(\(name))" : "opaque(\(domain), \(name))"
    case .unspecified?, nil: nil
    }
  }

  private static func shape(_ shape: Shape?) -> String {
    guard let shape else { return "[]" }
    if shape.dimensions.isEmpty { return "" }
    let sizes = shape.dimensions.map { dimension in
      switch dimension.size {
      case .known(let size): size < 0 ? "?" : "\(size)"
      case .symbolic(let name): self.name(name)
      case .unknown: "?"
      }
    }
    return "[\(sizes.joined(separator: ", "))]"
  }
}
