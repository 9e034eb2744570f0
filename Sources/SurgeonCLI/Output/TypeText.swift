internal import SurgeonIR

/// Types in the notation of ONNX's text syntax: `float[N, 3, 224, 224]`.
enum TypeText {
  static func text(_ type: ValueType?) -> String {
    guard let type else { return "?" }
    switch type.kind {
    case .tensor(let element, let shape): return element.name + text(shape)
    case .sparseTensor(let element, let shape):
      return "sparse_tensor(\(element.name)\(text(shape)))"
    case .sequence(let element): return "seq(\(text(element)))"
    case .optional(let element): return "optional(\(text(element)))"
    case .map(let key, let value): return "map(\(key.name), \(text(value)))"
    case .opaque(let domain, let name): return "opaque(\(domain).\(name))"
    case .unspecified: return "?"
    }
  }

  private static func text(_ shape: Shape?) -> String {
    guard let shape else { return "[...]" }
    if shape.dimensions.isEmpty { return "" }
    let sizes = shape.dimensions.map { dimension in
      switch dimension.size {
      case .known(let size): "\(size)"
      case .symbolic(let name): name
      case .unknown: "?"
      }
    }
    return "[\(sizes.joined(separator: ", "))]"
  }
}
