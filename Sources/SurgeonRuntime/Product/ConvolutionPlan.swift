/// A convolution of one shape, or a transposed one: the products that compute it, found once for every
/// call.
package final class ConvolutionPlan: Sendable {
  package let geometry: ConvolutionGeometry
  private let isTransposed: Bool
  private let threads: Int
  /// Without the dimensions that convolve nothing.
  private let inner: ConvolutionGeometry
  /// True where the products leave some results out.
  private let hasGaps: Bool
  /// Nil where there are more axes than a product has.
  private let products: [Part]?

  /// One product, and where the first of its results is.
  struct Part {
    let plan: ProductPlan
    let first: Int
  }

  /// - Parameter threads: as in `SessionOptions`.
  package init(
    _ geometry: ConvolutionGeometry, isTransposed: Bool, elementSize: Int, threads: Int
  ) {
    self.geometry = geometry
    self.isTransposed = isTransposed
    self.threads = threads
    let g = geometry.withoutTrivialEnd
    inner = g
    let sizes = [g.batch, g.outputChannels, g.outputPlane, g.inputChannels, g.inputPlane]
    guard sizes.allSatisfy({ $0 > 0 }) else {
      (hasGaps, products) = (true, [])
      return
    }
    guard g.input.count <= 3 else {
      (hasGaps, products) = (true, nil)
      return
    }
    let shapes: (hasGaps: Bool, parts: [(shape: ProductPlan.Shape, first: Int)]) =
      isTransposed
      ? ConvolutionProduct.transposedShapes(g) : (false, [(ConvolutionProduct.shape(g), 0)])
    hasGaps = shapes.hasGaps
    products = shapes.parts.map { part in
      Part(
        plan: ProductPlan(
          part.shape, products: g.batch * g.groups, elementSize: elementSize, threads: threads),
        first: part.first)
    }
  }

  /// `y = x * weights + bias`; see `ConvolutionProduct` for their order.
  package func compute<T: ProductScalar>(
    x: UnsafePointer<T>, weights: UnsafePointer<T>, bias: UnsafePointer<T>?,
    y: UnsafeMutablePointer<T>
  ) {
    if hasGaps {
      ConvolutionProduct.fill(
        y, with: bias, images: inner.batch, channels: inner.groups * inner.outputChannels,
        inner.outputPlane)
    }
    guard let products else {
      ConvolutionProduct.addPeeled(
        inner, isTransposed: isTransposed, x: x, weights: weights, y: y, threads: threads)
      return
    }
    for product in products {
      product.plan.compute(
        ProductSeries(inner, x: x, weights: weights, bias: bias, y: y + product.first),
        threads: threads)
    }
  }
}
