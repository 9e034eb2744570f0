package import CKernels
package import SurgeonIR

/// An element type that has a blocked product: Float and Double.
package protocol ProductScalar: Scalar, BinaryFloatingPoint {
  /// Where one product's factors, addends and results are; see `ck_operands_f64`.
  associatedtype Operands

  static func operands(
    a: UnsafePointer<Self>, b: UnsafePointer<Self>, bias: UnsafePointer<Self>?,
    c: UnsafeMutablePointer<Self>
  ) -> Operands

  /// Computes some rows of one block of several products; see `ck_multiply_f64`.
  static func multiply(
    _ product: UnsafePointer<ck_product>, _ operands: UnsafeBufferPointer<Operands>, block: Int,
    rows: Range<Int>, scratch: UnsafeMutableRawPointer)

  /// Computes one block of some products of a series, which have few summands; see `ck_depthwise_f64`.
  static func depthwise(
    _ product: UnsafePointer<ck_product>, _ series: ProductSeries<Self>, computing: Range<Int>,
    block: Int, scratch: UnsafeMutableRawPointer)

  /// Computes one block of several products of few rows; see `ck_few_rows_f64`.
  static func fewRows(
    _ product: UnsafePointer<ck_product>, _ operands: UnsafeBufferPointer<Operands>, block: Int,
    scratch: UnsafeMutableRawPointer)
}

extension Float: ProductScalar {
  package static func operands(
    a: UnsafePointer<Float>, b: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    c: UnsafeMutablePointer<Float>
  ) -> ck_operands_f32 { ck_operands_f32(a: a, b: b, bias: bias, c: c) }

  package static func multiply(
    _ product: UnsafePointer<ck_product>, _ operands: UnsafeBufferPointer<ck_operands_f32>,
    block: Int, rows: Range<Int>, scratch: UnsafeMutableRawPointer
  ) {
    guard let first = operands.baseAddress else { return }
    ck_multiply_f32(
      product, first, Int64(operands.count), Int64(block), Int64(rows.lowerBound),
      Int64(rows.upperBound), scratch)
  }

  package static func depthwise(
    _ product: UnsafePointer<ck_product>, _ series: ProductSeries<Float>, computing: Range<Int>,
    block: Int, scratch: UnsafeMutableRawPointer
  ) {
    var all = ck_series_f32(
      first: operands(a: series.factors, b: series.source, bias: series.bias, c: series.result),
      a_step: Int64(series.factorStep), bias_step: Int64(series.biasStep),
      c_step: Int64(series.resultStep), period: Int64(series.period), count: Int64(series.count))
    ck_depthwise_f32(
      product, &all, Int64(computing.lowerBound), Int64(computing.upperBound), Int64(block), scratch
    )
  }

  package static func fewRows(
    _ product: UnsafePointer<ck_product>, _ operands: UnsafeBufferPointer<ck_operands_f32>,
    block: Int, scratch: UnsafeMutableRawPointer
  ) {
    guard let first = operands.baseAddress else { return }
    ck_few_rows_f32(product, first, Int64(operands.count), Int64(block), scratch)
  }
}

extension Double: ProductScalar {
  package static func operands(
    a: UnsafePointer<Double>, b: UnsafePointer<Double>, bias: UnsafePointer<Double>?,
    c: UnsafeMutablePointer<Double>
  ) -> ck_operands_f64 { ck_operands_f64(a: a, b: b, bias: bias, c: c) }

  package static func multiply(
    _ product: UnsafePointer<ck_product>, _ operands: UnsafeBufferPointer<ck_operands_f64>,
    block: Int, rows: Range<Int>, scratch: UnsafeMutableRawPointer
  ) {
    guard let first = operands.baseAddress else { return }
    ck_multiply_f64(
      product, first, Int64(operands.count), Int64(block), Int64(rows.lowerBound),
      Int64(rows.upperBound), scratch)
  }

  package static func depthwise(
    _ product: UnsafePointer<ck_product>, _ series: ProductSeries<Double>, computing: Range<Int>,
    block: Int, scratch: UnsafeMutableRawPointer
  ) {
    var all = ck_series_f64(
      first: operands(a: series.factors, b: series.source, bias: series.bias, c: series.result),
      a_step: Int64(series.factorStep), bias_step: Int64(series.biasStep),
      c_step: Int64(series.resultStep), period: Int64(series.period), count: Int64(series.count))
    ck_depthwise_f64(
      product, &all, Int64(computing.lowerBound), Int64(computing.upperBound), Int64(block), scratch
    )
  }

  package static func fewRows(
    _ product: UnsafePointer<ck_product>, _ operands: UnsafeBufferPointer<ck_operands_f64>,
    block: Int, scratch: UnsafeMutableRawPointer
  ) {
    guard let first = operands.baseAddress else { return }
    ck_few_rows_f64(product, first, Int64(operands.count), Int64(block), scratch)
  }
}
