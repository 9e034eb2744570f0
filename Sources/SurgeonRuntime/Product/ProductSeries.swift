/// Where the products of a convolution find their factors and put their results: those of its groups, for
/// each image. Their sources lie side by side.
package struct ProductSeries<T: ProductScalar> {
  /// Of the first product.
  let factors: UnsafePointer<T>
  let source: UnsafePointer<T>
  let bias: UnsafePointer<T>?
  let result: UnsafeMutablePointer<T>
  /// Elements from one product to the next.
  let factorStep: Int
  let sourceStep: Int
  let biasStep: Int
  let resultStep: Int
  /// Products after which factors and addends are those of the first again.
  let period: Int
  let count: Int

  /// - Parameters:
  ///   - weights: [groups * outputChannels, inputChannels, kernel], or for transposed convolutions
  ///     [groups * inputChannels, outputChannels, kernel].
  ///   - y: where the first result of the first group is.
  init(
    _ g: ConvolutionGeometry, x: UnsafePointer<T>, weights: UnsafePointer<T>,
    bias: UnsafePointer<T>?, y: UnsafeMutablePointer<T>
  ) {
    factors = weights
    source = x
    self.bias = bias
    result = y
    factorStep = g.outputChannels * g.inputChannels * g.taps
    sourceStep = g.inputChannels * g.inputPlane
    biasStep = g.outputChannels
    resultStep = g.outputChannels * g.outputPlane
    period = g.groups
    count = g.batch * g.groups
  }

  /// Writes the operands of some products.
  func write(_ products: Range<Int>, into operands: UnsafeMutablePointer<T.Operands>) {
    for (index, product) in products.enumerated() {
      let group = product % period
      (operands + index).initialize(
        to: T.operands(
          a: factors + group * factorStep, b: source + product * sourceStep,
          bias: bias.map { $0 + group * biasStep }, c: result + product * resultStep))
    }
  }
}
