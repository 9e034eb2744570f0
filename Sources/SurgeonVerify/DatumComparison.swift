public import SurgeonIR

/// Compares what two models gave for one value, whatever its type, and remembers why two cannot be
/// compared at all.
struct DatumComparison {
  private var meter = DriftMeter()
  /// The first difference of kind: another shape, another length, another type.
  private(set) var mismatch: String?
  /// The narrowest element type that was compared.
  private(set) var elementType: ElementType?
  private var scores: ArgmaxMeter?

  /// - Parameter ranksClasses: also compares which class has the largest score.
  init(ranksClasses: Bool = false) {
    if ranksClasses { scores = ArgmaxMeter() }
  }

  /// nil where there are no scores of classes.
  var argmax: ArgmaxChange? { scores?.result }

  var drift: Drift { meter.result }

  /// As `Tolerance.holds` says it of the drift, which takes longer to compute.
  func exceeds(_ tolerance: Tolerance) -> Bool {
    mismatch != nil || meter.exceeds(tolerance)
  }

  mutating func add(_ reference: Datum, _ other: Datum) throws(SurgeonError) {
    switch (reference, other) {
    case (.tensor(let a), .tensor(let b)): try add(a, b)
    case (.sparseTensor(let a), .sparseTensor(let b)):
      try add(a.indices, b.indices)
      try add(a.values, b.values)
    case (.sequence(let a, _), .sequence(let b, _)):
      guard a.count == b.count else { return note("\(a.count) elements and \(b.count)") }
      for (x, y) in zip(a, b) { try add(x, y) }
    case (.optional(let a?, _), .optional(let b?, _)): try add(a, b)
    case (.optional(nil, _), .optional(nil, _)): break
    case (.map(let keysA, let a), .map(let keysB, let b)):
      guard a.count == b.count else { return note("\(a.count) entries and \(b.count)") }
      try add(keysA, keysB)
      for (x, y) in zip(a, b) { try add(x, y) }
    default: note("values of different kinds")
    }
  }

  mutating func note(_ difference: String) {
    if mismatch == nil { mismatch = difference }
  }

  private mutating func add(_ a: Tensor, _ b: Tensor) throws(SurgeonError) {
    guard a.shape == b.shape else {
      return note("shape \(a.shape) and shape \(b.shape)")
    }
    note(a.elementType)
    note(b.elementType)
    switch (a.elementType, b.elementType) {
    case (.float32, .float32): try add(a, b, of: Float.self)
    case (.float64, .float64): try add(a, b, of: Double.self)
    case (.string, .string):
      guard case .strings(let x) = a.storage, case .strings(let y) = b.storage else { return }
      for (x, y) in zip(x, y) { meter.add(equal: x == y) }
    default: try addConverted(a, b)
    }
  }

  private mutating func add<T: BinaryFloatingPoint & Scalar>(
    _ a: Tensor, _ b: Tensor, of _: T.Type
  ) throws(SurgeonError) {
    let (shape, a, b) = (a.shape, try a.bytes(), try b.bytes())
    a.withUnsafeBytes { x in
      b.withUnsafeBytes { y in
        meter.add(x, y, of: T.self, count: shape.reduce(1, *))
        scores?.add(x, y, of: T.self, shape: shape)
      }
    }
  }

  /// Numbers of any other pair of types, by way of Float64; what is no real number is compared
  /// byte by byte.
  private mutating func addConverted(_ a: Tensor, _ b: Tensor) throws(SurgeonError) {
    if let x = try a.realNumbers(), let y = try b.realNumbers() {
      for (x, y) in zip(x, y) { meter.add(x, y) }
      guard a.elementType.isFloatingPoint, b.elementType.isFloatingPoint else { return }
      x.withUnsafeBytes { x in
        y.withUnsafeBytes { y in scores?.add(x, y, of: Double.self, shape: a.shape) }
      }
      return
    }
    guard a.elementType == b.elementType else {
      return note("\(a.elementType.name) and \(b.elementType.name)")
    }
    let (x, y) = (try a.bytes(), try b.bytes())
    meter.add(equal: x.equals(y))
  }

  private mutating func note(_ type: ElementType) {
    if let known = elementType, known.bitWidth <= type.bitWidth { return }
    elementType = type
  }
}

extension Drift {
  /// Compares two values of one shape.
  ///
  /// - Throws: what reading them throws; `invalidData` where they cannot be compared.
  public init(of other: Datum, from reference: Datum) throws(SurgeonError) {
    var comparison = DatumComparison()
    try comparison.add(reference, other)
    if let mismatch = comparison.mismatch {
      throw SurgeonError(.invalidData, "two values cannot be compared", detail: mismatch)
    }
    self = comparison.drift
  }
}
