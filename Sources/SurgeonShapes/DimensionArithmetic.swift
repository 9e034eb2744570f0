internal import SurgeonIR

// What can be said of dimensions of which some are names and some are not known at all.
extension Dimension {
  /// The dimension computed from this one by `change`, where it is a number.
  func map(_ change: (Int) -> Int) -> Dimension {
    value.map { .known(change($0)) } ?? .unknown
  }

  /// `factor` times as large.
  func times(_ factor: Int) -> Dimension { .product(self, .known(factor)) }

  /// Two dimensions that the operator wants equal; nil where they are different numbers.
  static func unified(_ a: Dimension, _ b: Dimension) -> Dimension? {
    switch (a.size, b.size) {
    case (.known(let x), .known(let y)): x == y ? a : nil
    case (.known, _): a
    case (_, .known): b
    case (.symbolic, _): a
    default: b
    }
  }

  /// Two dimensions under multidirectional broadcasting; nil where they do not fit.
  static func broadcast(_ a: Dimension, _ b: Dimension) -> Dimension? {
    if a.size == b.size, a.size != .unknown { return a }
    switch (a.value, b.value) {
    case (1?, _): return b
    case (_, 1?): return a
    case (.some, .some): return nil
    // A name against a number other than 1: the result is that number, whatever the name is.
    case (.some, nil): return a
    case (nil, .some): return b
    case (nil, nil): return .unknown
    }
  }

  static func sum(_ a: Dimension, _ b: Dimension) -> Dimension {
    switch (a.value, b.value) {
    case (let x?, let y?): .known(x + y)
    case (0?, nil): b
    case (nil, 0?): a
    default: .unknown
    }
  }

  static func product(_ a: Dimension, _ b: Dimension) -> Dimension {
    switch (a.value, b.value) {
    case (let x?, let y?):
      x.multipliedReportingOverflow(by: y).overflow ? .unknown : .known(x * y)
    case (1?, nil): b
    case (nil, 1?): a
    case (0?, nil), (nil, 0?): .known(0)
    default: .unknown
    }
  }

  static func product(_ dimensions: some Sequence<Dimension>) -> Dimension {
    dimensions.reduce(.known(1), product)
  }

  /// What `whole` leaves for one more dimension beside `parts`: the -1 of Reshape.
  ///
  /// Names that stand on both sides cancel, so that [N, 64, 7, 7] as [N, -1] has 3136 columns.
  /// nil where the numbers do not divide.
  static func quotient(of whole: [Dimension], by parts: [Dimension]) -> Dimension? {
    var names: [String] = []
    var size = 1
    for dimension in whole {
      switch dimension.size {
      case .known(let value):
        let (product, overflow) = size.multipliedReportingOverflow(by: value)
        if overflow { return .unknown }
        size = product
      case .symbolic(let name): names.append(name)
      case .unknown: return .unknown
      }
    }
    var divisor = 1
    for dimension in parts {
      switch dimension.size {
      case .known(let value):
        let (product, overflow) = divisor.multipliedReportingOverflow(by: value)
        if overflow { return .unknown }
        divisor = product
      case .symbolic(let name):
        guard let position = names.firstIndex(of: name) else { return .unknown }
        names.remove(at: position)
      case .unknown: return .unknown
      }
    }
    if divisor == 0 { return .unknown }
    if names.isEmpty { return size % divisor == 0 ? .known(size / divisor) : nil }
    return names.count == 1 && size == divisor ? .symbolic(names[0]) : .unknown
  }
}

extension Shape {
  /// The shape of an elementwise result; nil where the shapes do not broadcast.
  static func broadcast(_ a: Shape, _ b: Shape) -> Shape? {
    let rank = max(a.rank, b.rank)
    var result: [Dimension] = []
    result.reserveCapacity(rank)
    for axis in 0..<rank {
      let (x, y) = (axis - (rank - a.rank), axis - (rank - b.rank))
      if x < 0 {
        result.append(b.dimensions[y])
      } else if y < 0 {
        result.append(a.dimensions[x])
      } else if let dimension = Dimension.broadcast(a.dimensions[x], b.dimensions[y]) {
        result.append(dimension)
      } else {
        return nil
      }
    }
    return Shape(result)
  }

  /// A shape of which only the rank is known.
  static func ofRank(_ rank: Int) -> Shape { Shape(Array(repeating: .unknown, count: rank)) }

  /// The number of elements, where every dimension is a number and the product fits.
  var elementCount: Int? { Dimension.product(dimensions).value }

  /// The form of messages: [N, 3, ?, 224].
  var text: String {
    let parts = dimensions.map { dimension in
      switch dimension.size {
      case .known(let value): String(value)
      case .symbolic(let name): name
      case .unknown: "?"
      }
    }
    return "[\(parts.joined(separator: ", "))]"
  }

  subscript(axis: Int) -> Dimension { dimensions[axis] }
}

extension Int {
  /// No tensor has an axis longer than this. Numbers of a file are held within it, so that sums and
  /// small multiples of them do not overflow.
  static let longestAxis = 1 << 40

  static func clamped(_ value: some BinaryInteger) -> Int {
    Int(Swift.max(-longestAxis, Swift.min(longestAxis, Int(clamping: value))))
  }
}

extension Shape {
  /// The shape without sizes that cannot be: negative ones, and those beyond the longest axis.
  var believable: Shape {
    let isBelievable = dimensions.allSatisfy { dimension in
      dimension.value.map { (0...Int.longestAxis).contains($0) } ?? true
    }
    if isBelievable { return self }
    return Shape(
      dimensions.map { dimension in
        dimension.value.map { (0...Int.longestAxis).contains($0) } ?? true ? dimension : .unknown
      })
  }
}

extension ValueType {
  /// The form of messages: float[N, 3], or the kind of a compound value.
  var text: String {
    switch kind {
    case .tensor(let elementType, let shape): elementType.name + (shape?.text ?? "")
    case .sparseTensor(let elementType, let shape):
      "sparse_tensor(\(elementType.name)\(shape?.text ?? ""))"
    case .sequence(let element): "seq(\(element.text))"
    case .optional(let element): "optional(\(element.text))"
    case .map(let key, let value): "map(\(key.name), \(value.text))"
    case .opaque(let domain, let name): "opaque(\(domain), \(name))"
    case .unspecified: "?"
    }
  }
}
