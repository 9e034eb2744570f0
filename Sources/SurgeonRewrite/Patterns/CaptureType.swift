public import SurgeonIR

extension Value.ID: CaptureType {
  public static var captureKind: CaptureKind { .value(isOptional: false) }
  public static func read(_ binding: Binding?) -> Value.ID? {
    switch binding {
    case .value(let value): value
    case .constant(let value, _): value
    default: nil
    }
  }
  public var binding: Binding { .value(self) }
}

extension Tensor: CaptureType {
  public static var captureKind: CaptureKind { .constant(isOptional: false) }
  public static func read(_ binding: Binding?) -> Tensor? {
    if case .constant(_, let tensor) = binding { tensor } else { nil }
  }
  public var binding: Binding { .constant(nil, self) }
}

extension Node.ID: CaptureType {
  public static var captureKind: CaptureKind { .node }
  public static func read(_ binding: Binding?) -> Node.ID? {
    if case .node(let node) = binding { node } else { nil }
  }
  public var binding: Binding { .node(self) }
}

extension Float: CaptureType {
  public static var captureKind: CaptureKind { .attribute(.float, isOptional: false) }
  public static func read(_ binding: Binding?) -> Float? {
    if case .float(let number) = binding { number } else { nil }
  }
  public var binding: Binding { .float(self) }
}

extension Int: CaptureType {
  public static var captureKind: CaptureKind { .attribute(.int, isOptional: false) }
  public static func read(_ binding: Binding?) -> Int? {
    if case .int(let number) = binding { number } else { nil }
  }
  public var binding: Binding { .int(self) }
}

extension String: CaptureType {
  public static var captureKind: CaptureKind { .attribute(.string, isOptional: false) }
  public static func read(_ binding: Binding?) -> String? {
    if case .string(let text) = binding { text } else { nil }
  }
  public var binding: Binding { .string(self) }
}

/// What arrays of may be captured: values (the remaining inputs), integers and floats (attributes).
public protocol CaptureElement: Sendable {
  static var arrayCaptureKind: CaptureKind { get }
  static func readArray(_ binding: Binding?) -> [Self]?
  static func bind(_ array: [Self]) -> Binding
}

extension Array: CaptureType where Element: CaptureElement {
  public static var captureKind: CaptureKind { Element.arrayCaptureKind }
  public static func read(_ binding: Binding?) -> [Element]? { Element.readArray(binding) }
  public var binding: Binding { Element.bind(self) }
}

extension Value.ID: CaptureElement {
  public static var arrayCaptureKind: CaptureKind { .remainingValues }
  public static func readArray(_ binding: Binding?) -> [Value.ID]? {
    if case .values(let values) = binding { values } else { nil }
  }
  public static func bind(_ array: [Value.ID]) -> Binding { .values(array) }
}

extension Int: CaptureElement {
  public static var arrayCaptureKind: CaptureKind { .attribute(.ints, isOptional: false) }
  public static func readArray(_ binding: Binding?) -> [Int]? {
    if case .ints(let numbers) = binding { numbers } else { nil }
  }
  public static func bind(_ array: [Int]) -> Binding { .ints(array) }
}

extension Float: CaptureElement {
  public static var arrayCaptureKind: CaptureKind { .attribute(.floats, isOptional: false) }
  public static func readArray(_ binding: Binding?) -> [Float]? {
    if case .floats(let numbers) = binding { numbers } else { nil }
  }
  public static func bind(_ array: [Float]) -> Binding { .floats(array) }
}

extension Optional: CaptureType where Wrapped: CaptureType {
  public static var captureKind: CaptureKind {
    switch Wrapped.captureKind {
    case .value: .value(isOptional: true)
    case .constant: .constant(isOptional: true)
    case .attribute(let kind, _): .attribute(kind, isOptional: true)
    case .node, .remainingValues: Wrapped.captureKind
    }
  }
  /// Nothing bound (an alternative that was not taken) and an input left out are both nil.
  public static func read(_ binding: Binding?) -> Wrapped?? { .some(Wrapped.read(binding)) }
  public var binding: Binding { self?.binding ?? .absent }
}
