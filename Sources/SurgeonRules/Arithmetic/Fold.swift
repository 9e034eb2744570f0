/// Weights and biases of a linear operator after an affine was folded into it. Float64.
///
/// A linear operator L followed by an affine per output channel is again one of its kind:
///
///     (W x + c) * a + b  =  (W * a) x + (c * a + b)
///
/// and one that follows an affine is, where it reads no padding:
///
///     W (x * a + b) + c  =  (W * a[in]) x + (c + W b)
public enum Fold {
  /// An affine after an operator whose output channels stand as `layout` says. `bias` is nil where
  /// the operator has none.
  public static func after(
    weights: [Double], layout: WeightLayout, bias: [Double]?, affine: ChannelAffine
  ) -> (weights: [Double], bias: [Double]) {
    let scaled = layout.scaled(weights, by: affine.slope)
    guard let bias else { return (scaled, affine.intercept) }
    let folded = zip(bias, zip(affine.slope, affine.intercept)).map { $0 * $1.0 + $1.1 }
    return (scaled, folded)
  }

  /// An affine before an operator whose input channels stand as `layout` says, and which reads no
  /// padding: padding is zero after the affine, and would be zero before it only where b is 0.
  public static func before(
    weights: [Double], layout: WeightLayout, bias: [Double]?, affine: ChannelAffine
  ) -> (weights: [Double], bias: [Double]) {
    let added = layout.contracted(weights, with: affine.intercept)
    let scaled = layout.scaled(weights, by: affine.slope)
    guard let bias else { return (scaled, added) }
    return (scaled, zip(bias, added).map { $0 + $1 })
  }

  /// The part of an affine that a padded operator after it cannot take: X + b/a stays in front of
  /// it, and the slope goes into the weights. Nil where some slope is 0.
  ///
  ///     x * a + b  =  (x + b/a) * a
  public static func remainder(of affine: ChannelAffine) -> [Double]? {
    guard affine.slope.allSatisfy({ $0 != 0 }) else { return nil }
    return zip(affine.intercept, affine.slope).map { $0 / $1 }
  }

  /// C' of Gemm: (beta * C) * a + b, with C of shape `shape` as Gemm broadcasts it to [M, N].
  ///
  /// - Returns: the numbers and their shape, whose last size is N.
  public static func gemmAddend(
    _ addend: (numbers: [Double], shape: [Int])?, beta: Double, affine: ChannelAffine
  ) -> (numbers: [Double], shape: [Int]) {
    let columns = affine.slope.count
    guard let addend else { return (affine.intercept, [columns]) }
    let rows = addend.shape.count == 2 ? addend.shape[0] : 1
    let isRepeated = (addend.shape.last ?? 1) == 1 && columns != 1
    var numbers: [Double] = []
    numbers.reserveCapacity(rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        let value = addend.numbers[isRepeated ? row : row * columns + column]
        numbers.append(value * beta * affine.slope[column] + affine.intercept[column])
      }
    }
    return (numbers, addend.shape.count == 2 ? [rows, columns] : [columns])
  }
}
