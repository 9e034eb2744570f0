extension Model {
  /// The names that stand for sizes in the model's types, each once: those of the inputs first.
  public var symbolicDimensions: [String] {
    var names: [String] = []
    var seen: Set<String> = []
    for value in self[mainGraph].inputs + allValues {
      for name in self[value].type?.symbolicDimensions ?? [] where seen.insert(name).inserted {
        names.append(name)
      }
    }
    return names
  }
}

extension ValueType {
  fileprivate var symbolicDimensions: [String] {
    switch kind {
    case .tensor(_, let shape), .sparseTensor(_, let shape):
      shape?.dimensions.compactMap { dimension in
        switch dimension.size {
        case .symbolic(let name): name
        case .known, .unknown: nil
        }
      } ?? []
    case .sequence(let type), .optional(let type), .map(_, let type): type.symbolicDimensions
    case .opaque, .unspecified: []
    }
  }
}
