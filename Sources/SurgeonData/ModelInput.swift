public import SurgeonIR

/// An input of a model that a caller gives, or may give.
public struct ModelInput: Sendable {
  public let name: String
  /// What the file says of its type; nil if nothing.
  public let type: ValueType?
  /// True where the model has a default for it.
  public let hasDefault: Bool

  public init(name: String, type: ValueType?, hasDefault: Bool = false) {
    self.name = name
    self.type = type
    self.hasDefault = hasDefault
  }

  /// The inputs of `model` in the file's order. Below IR version 4, where the standard demanded
  /// that initializers be listed among the inputs, those are constants and left out.
  public static func all(of model: borrowing Model) -> [ModelInput] {
    let areConstants = model.header.irVersion < 4
    return model[model.mainGraph].inputs.compactMap { id in
      let value = model[id]
      let hasDefault = value.hasInitializer
      if hasDefault && areConstants { return nil }
      return ModelInput(name: value.name, type: value.type, hasDefault: hasDefault)
    }
  }

  /// The type as a message shows it: `float[N, 3, 224, 224]`.
  var typeText: String {
    guard let type, let elementType = type.elementType else { return "a value of unknown type" }
    return elementType.name + Self.text(type.shape)
  }

  static func text(_ shape: Shape?) -> String {
    guard let shape else { return "[...]" }
    let sizes = shape.dimensions.map { dimension in
      switch dimension.size {
      case .known(let size): size < 0 ? "?" : "\(size)"
      case .symbolic(let name): name
      case .unknown: "?"
      }
    }
    return "[\(sizes.joined(separator: ", "))]"
  }

  static func text(_ sizes: [Int]) -> String { text(Shape(sizes)) }
}

extension Dimension {
  /// The size that the model or `dimensions` fixes; nil where the dimension is free. Exporters also
  /// write -1 for a free one.
  func size(with dimensions: [String: Int]) -> Int? {
    switch size {
    case .known(let size): size < 0 ? nil : size
    case .symbolic(let name): dimensions[name]
    case .unknown: nil
    }
  }
}
