internal import SurgeonIR

/// The numbers of a small tensor, as far as they are known before the model runs.
///
/// Models compute shapes with operators: Shape, Gather, Mul, Concat, Reshape. Knowing those numbers,
/// a batch size that is only a name included, is what makes the result's shape known.
public struct Contents: Hashable, Sendable {
  public enum Element: Hashable, Sendable {
    /// An integer, or a Boolean as 0 or 1.
    case integer(Int)
    case real(Double)
    /// A dimension known by name; never negative.
    case symbol(String)
    case unknown
  }

  /// Tensors with more elements are not followed: no shape has so many dimensions.
  static let maxCount = 1024
  /// The same of tensors of reals, which say how a shape is scaled; larger ones are weights.
  private static let maxRealCount = 64

  public var shape: [Int]
  /// In row-major order.
  public var elements: [Element]

  init(shape: [Int], elements: [Element]) {
    self.shape = shape
    self.elements = elements
  }

  /// A vector of dimensions.
  init(_ dimensions: some Sequence<Dimension>) {
    elements = dimensions.map(Element.init)
    shape = [elements.count]
  }

  init(scalar element: Element) { self.init(shape: [], elements: [element]) }

  /// The numbers of `tensor`; nil where it is too large or holds no numbers.
  ///
  /// - Throws: what reading the tensor's bytes throws.
  init?(_ tensor: Tensor) throws(SurgeonError) {
    guard tensor.count <= Self.maxCount else { return nil }
    if let integers = try tensor.intElements() {
      elements = integers.map(Element.integer)
    } else if tensor.count <= Self.maxRealCount, let reals = try tensor.float64Elements() {
      elements = reals.map(Element.real)
    } else {
      return nil
    }
    shape = tensor.shape
  }

  /// The indices of each axis; nil where there are no elements, and an axis may be longer than memory.
  var indices: [Range<Int>]? { elements.isEmpty ? nil : shape.map { 0..<$0 } }

  /// The elements at some indices of each axis, with the axes in the order that they are given in.
  ///
  /// - Parameters:
  ///   - indices: of the axis at the same place of `axes`.
  ///   - axes: all of them, once each.
  func picking(_ indices: [some Collection<Int>], along axes: some Collection<Int>) -> Contents {
    let strides = shape.rowMajorStrides
    let positions = zip(axes, indices).reduce([0]) { positions, picked in
      let (axis, indices) = picked
      return positions.flatMap { position in indices.map { position + $0 * strides[axis] } }
    }
    return Contents(shape: indices.map(\.count), elements: positions.map { elements[$0] })
  }

  /// The elements, where each is a known integer.
  public var integers: [Int]? {
    var result: [Int] = []
    for element in elements {
      guard case .integer(let value) = element else { return nil }
      result.append(value)
    }
    return result
  }

  /// The elements, where each is a known number.
  public var reals: [Double]? {
    var result: [Double] = []
    for element in elements {
      guard let value = element.number else { return nil }
      result.append(value)
    }
    return result
  }

  /// The elements as the dimensions of a shape; a negative number is no dimension.
  var dimensions: [Dimension] { elements.map(\.dimension) }
}

extension Contents.Element {
  init(_ dimension: Dimension) {
    self =
      switch dimension.size {
      case .known(let value): .integer(value)
      case .symbolic(let name): .symbol(name)
      case .unknown: .unknown
      }
  }

  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .real(let value): value
    case .symbol, .unknown: nil
    }
  }

  var dimension: Dimension {
    switch self {
    case .integer(let value) where value >= 0: .known(value)
    case .symbol(let name): .symbolic(name)
    default: .unknown
    }
  }
}
