internal import SurgeonIR

/// The suite's own comparison: same structure, element type and shape, and
/// |actual - expected| <= absolute + relative |expected| for every element.
struct Comparison {
  let relative: Double
  let absolute: Double

  /// What differs, nil where nothing does.
  func difference(_ actual: Datum, _ expected: Datum) throws(SurgeonError) -> String? {
    switch (actual, expected) {
    case (.tensor(let actual), .tensor(let expected)): return try difference(actual, expected)
    case (.sequence(let actual, _), .sequence(let expected, _)):
      return try difference(actual, expected)
    case (.map(let keys, let values), .map(let wantedKeys, let wantedValues)):
      return try difference([.tensor(keys)] + values, [.tensor(wantedKeys)] + wantedValues)
    case (.optional(let actual, _), .optional(let expected, _)):
      guard let actual, let expected else {
        return (actual == nil) == (expected == nil) ? nil : "one of two optionals is empty"
      }
      return try difference(actual, expected)
    case (.optional(let actual?, _), _): return try difference(actual, expected)
    case (_, .optional(let expected?, _)): return try difference(actual, expected)
    default: return "the kind of value differs"
    }
  }

  private func difference(_ actual: [Datum], _ expected: [Datum]) throws(SurgeonError) -> String? {
    guard actual.count == expected.count else {
      return "\(actual.count) elements instead of \(expected.count)"
    }
    for (index, (actual, expected)) in zip(actual, expected).enumerated() {
      if let found = try difference(actual, expected) { return "element \(index): \(found)" }
    }
    return nil
  }

  private func difference(_ actual: Tensor, _ expected: Tensor) throws(SurgeonError) -> String? {
    guard actual.shape == expected.shape else {
      return "shape \(actual.shape) instead of \(expected.shape)"
    }
    guard actual.elementType == expected.elementType else {
      return "\(actual.elementType.name) instead of \(expected.elementType.name)"
    }
    if case .strings(let actual) = actual.storage, case .strings(let expected) = expected.storage {
      return actual == expected ? nil : "the strings differ"
    }
    guard let numbers = try actual.float64Elements(),
      let wanted = try expected.float64Elements()
    else {
      // Integers within the tolerance, as NumPy compares them; narrow types bit by bit.
      if let numbers = try actual.intElements(), let wanted = try expected.intElements() {
        return largest(numbers.map(Double.init), wanted.map(Double.init), relative)
      }
      return try actual.bytes().equals(try expected.bytes()) ? nil : "the bits differ"
    }
    // Two units in the last place of bfloat16, as the suite allows.
    let isBrain = actual.elementType == .bfloat16
    return largest(numbers, wanted, isBrain ? max(relative, 0x1p-6) : relative)
  }

  private func largest(_ actual: [Double], _ expected: [Double], _ relative: Double) -> String? {
    var worst = 0.0
    var place = -1
    for (index, (actual, expected)) in zip(actual, expected).enumerated() {
      if actual == expected || (actual.isNaN && expected.isNaN) { continue }
      let excess = abs(actual - expected) - absolute - relative * abs(expected)
      if !(excess <= 0), place < 0 || excess > worst { (worst, place) = (excess, index) }
    }
    return place < 0 ? nil : "element \(place) is \(actual[place]) instead of \(expected[place])"
  }
}
