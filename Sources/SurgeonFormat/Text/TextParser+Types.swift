internal import SurgeonIR

extension TextParser {
  /// True where a type comes next, and not a name.
  mutating func isTypeNext() -> Bool {
    let word = scanner.peekIdentifier()
    return ElementType(textName: word) != nil
      || ["seq", "map", "optional", "sparse_tensor", "opaque"].contains(word)
  }

  mutating func type() throws(SurgeonError) -> ValueType {
    try nested { (parser) throws(SurgeonError) in ValueType(try parser.kind()) }
  }

  private mutating func kind() throws(SurgeonError) -> ValueType.Kind {
    scanner.skipSpace()
    let place = scanner.position
    let word = try scanner.expectIdentifier("a type")
    if let elementType = ElementType(textName: word) { return .tensor(elementType, try shape()) }
    guard ["seq", "map", "optional", "sparse_tensor", "opaque"].contains(word) else {
      throw scanner.error("'\(word)' is no type", at: place)
    }
    try scanner.expect("(")
    let kind: ValueType.Kind
    switch word {
    case "seq": kind = .sequence(try type())
    case "optional": kind = .optional(try type())
    case "map":
      let key = try elementType()
      try scanner.expect(",")
      kind = .map(key: key, value: try type())
    case "sparse_tensor":
      let element = try elementType()
      kind = .sparseTensor(element, try shape())
    default: kind = try opaque()
    }
    try scanner.expect(")")
    return kind
  }

  private mutating func elementType() throws(SurgeonError) -> ElementType {
    scanner.skipSpace()
    let place = scanner.position
    let word = try scanner.expectIdentifier("an element type")
    guard let type = ElementType(textName: word) else {
      throw scanner.error("'\(word)' is no element type", at: place)
    }
    return type
  }

  /// `opaque()`, `opaque(name)` or `opaque(domain, name)`
  private mutating func opaque() throws(SurgeonError) -> ValueType.Kind {
    if scanner.isNext(")") { return .opaque(domain: "", name: "") }
    var word = try scanner.expectIdentifier("a name")
    while scanner.accept(".") { word += ".\(try scanner.expectIdentifier("a name"))" }
    guard scanner.accept(",") else { return .opaque(domain: "", name: word) }
    return .opaque(domain: word, name: try scanner.expectIdentifier("a name"))
  }

  /// `float` is a scalar, `float[]` a tensor of unknown rank, `float[N, 3, ?]` one of rank 3.
  private mutating func shape() throws(SurgeonError) -> Shape? {
    guard scanner.accept("[") else { return Shape([Dimension]()) }
    if scanner.accept("]") { return nil }
    var dimensions: [Dimension] = []
    repeat {
      if scanner.accept("?") {
        dimensions.append(.unknown)
      } else if let name = try scanner.quotableIdentifier() {
        dimensions.append(.symbolic(name))
      } else {
        scanner.skipSpace()
        let place = scanner.position
        let size = try scanner.int()
        guard size >= 0 else { throw scanner.error("a size cannot be negative", at: place) }
        dimensions.append(.known(Int(size)))
      }
    } while scanner.accept(",")
    try scanner.expect("]")
    return Shape(dimensions)
  }

  // MARK: Tensors

  /// The elements of a tensor, whose type came before: `{1, 2, 3}`, or the place of external data.
  ///
  /// `{}` stands for elements that the text leaves out; reading them is an error, keeping them is
  /// not.
  mutating func tensor(of type: ValueType?, at place: Int) throws(SurgeonError) -> Tensor {
    guard case .tensor(let elementType, let shape)? = type?.kind, let sizes = shape?.sizes else {
      throw scanner.error(
        "a constant needs a tensor type with a number for every size", at: place,
        hint: "such as 'float[3] w = {1, 2, 3}'")
    }
    guard let count = sizes.elementCount else {
      throw scanner.error("a tensor of this size cannot be", at: place)
    }
    let elided = Tensor(
      elementType: elementType, shape: sizes, storage: .deferred(ElidedElements()))
    if scanner.accept("[") {
      let entries = try pairs()
      try scanner.expect("]")
      let byteCount = elementType.byteCount(of: count) ?? 0
      do {
        let data = try ExternalData(entries, in: externalFiles, byteCount: byteCount)
        return Tensor(elementType: elementType, shape: sizes, storage: .deferred(data))
      } catch {
        throw scanner.error(error.detail ?? error.message, at: place)
      }
    }
    guard scanner.accept("{") else { return elided }
    if scanner.accept("}") {
      return count == 0 ? Tensor(elementType: elementType, shape: sizes, bytes: .init([])) : elided
    }
    let storage = try elements(of: elementType, count: count)
    try scanner.expect("}")
    return Tensor(elementType: elementType, shape: sizes, storage: storage)
  }

  private mutating func elements(
    of elementType: ElementType, count: Int
  ) throws(SurgeonError) -> Tensor.Storage {
    scanner.skipSpace()
    let place = scanner.position
    if elementType == .string {
      var strings: [[UInt8]] = []
      repeat { strings.append(Array(try scanner.string().utf8)) } while scanner.accept(",")
      try expect(count, strings.count, "strings", at: place)
      return .strings(strings)
    }
    guard let coding = TypedCoding(textOf: elementType) else {
      throw scanner.error("constants of type '\(elementType.name)' cannot be written", at: place)
    }
    var packer = TypedPacker(coding)
    var number = 0
    repeat {
      switch elementType {
      case .float32, .complex64: packer.append(UInt64(Float(try scanner.double()).bitPattern))
      case .float64, .complex128: packer.append(try scanner.double().bitPattern)
      case .uint32, .uint64: packer.append(try unsigned())
      case .int64: packer.append(UInt64(bitPattern: try scanner.int()))
      default: packer.append(UInt64(bitPattern: Int64(try int32())))
      }
      number += 1
    } while scanner.accept(",")
    let bytes = packer.finish()
    try expect(
      elementType.byteCount(of: count) ?? 0, bytes.count, "bytes of \(elementType.name)", at: place)
    return .bytes(TensorBytes(bytes))
  }

  private func expect(
    _ wanted: Int, _ found: Int, _ what: String, at place: Int
  ) throws(SurgeonError) {
    guard wanted == found else {
      throw scanner.error(
        "the shape wants \(wanted.grouped) \(what), \(found.grouped) are given", at: place)
    }
  }

  private mutating func int32() throws(SurgeonError) -> Int32 {
    scanner.skipSpace()
    let place = scanner.position
    guard let value = Int32(exactly: try scanner.int()) else {
      throw scanner.error("a number of 32 bits expected", at: place)
    }
    return value
  }

  private mutating func unsigned() throws(SurgeonError) -> UInt64 {
    scanner.skipSpace()
    let place = scanner.position
    guard case .int(let digits) = try scanner.literal(), let value = UInt64(digits) else {
      throw scanner.error("a number without a sign expected", at: place)
    }
    return value
  }
}

/// Elements that a text stands for without giving them.
struct ElidedElements: TensorSource {
  func load() throws(SurgeonError) -> TensorBytes {
    throw SurgeonError(
      .invalidData, "the text of the model leaves these elements out",
      hint: "read the model file itself")
  }
}

extension ElementType {
  /// `undefined` is no type in a text.
  init?(textName: String) {
    guard let type = ElementType(name: textName), type != .undefined else { return nil }
    self = type
  }
}
