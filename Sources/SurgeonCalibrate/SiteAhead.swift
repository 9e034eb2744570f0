internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime

/// A BatchNormalization behind a pointwise convolution that reads what another one gives, and nothing
/// between them bends: what it sees is a linear combination of what the other one sees, so that it is
/// known as soon as that has been measured, a group ahead.
struct SiteAhead: Sendable {
  let site: CalibrationSite
  let convolution: PointwiseConvolution
  /// The one before the convolution.
  let before: CalibrationSite
  private let gamma: [Double]
  private let beta: [Double]

  /// Nil where scale and offset are not constant Float32 numbers, and where the one before reads something
  /// else than it sees.
  init?(
    _ site: CalibrationSite, behind convolution: PointwiseConvolution, _ before: CalibrationSite,
    in model: Model
  ) throws(SurgeonError) {
    guard before.norm.output == convolution.source.value, before.seen == before.norm.input,
      let gamma = try model.constant(before.norm.gamma),
      let beta = try model.constant(before.norm.beta),
      gamma.elementType == .float32, beta.elementType == .float32, gamma.count == beta.count,
      gamma.count == convolution.inputChannels,
      let scale = try gamma.float64Elements(), let offset = try beta.float64Elements()
    else { return nil }
    self.site = site
    self.convolution = convolution
    self.before = before
    self.gamma = scale
    self.beta = offset
  }

  /// What is measured for it.
  var source: PointwiseConvolution.Source {
    PointwiseConvolution.Source(
      value: before.norm.input, groups: convolution.source.groups)
  }

  /// What the site sees.
  ///
  /// - Parameters:
  ///   - measured: of the source.
  ///   - moments: what the normalisation before goes by.
  ///   - threads: as in `SessionOptions`.
  func moments(
    _ measured: ChannelCoMoments, normalizedBy moments: Moments, threads: Int
  ) throws(SurgeonError) -> Moments {
    let scale = zip(gamma, moments.variance).map { gamma, variance in
      gamma / (variance + before.norm.epsilon).squareRoot()
    }
    let offset = beta.indices.map { beta[$0] - moments.mean[$0] * scale[$0] }
    return try convolution.moments(measured, reading: (scale, offset), threads: threads)
  }
}
