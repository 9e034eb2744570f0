internal import SurgeonIR
internal import SurgeonRewrite

/// What a surgery decided about one BatchNormalization that becomes a group normalisation, and what
/// sample data say of it.
struct GroupDecision {
  let site: NormalizationSite
  let parameters: BatchNormalizationParameters
  let choice: GroupChoice
  var plan: GroupPlan

  /// What the normalisation does to its original input.
  private(set) var own: DamageForecast.Difference?
  /// How its output will differ; what arrives from normalisations before it is added by the forecast.
  private(set) var disturbance: Disturbance?
  /// Relative RMS difference that will have gathered at its output, and that has.
  var predicted: Double?
  var measured: Double?

  /// - Throws: the reason why there is none.
  init(
    _ site: NormalizationSite, facts: SiteFacts, policy: RewritePolicy
  ) throws(SurgeonError) {
    guard let norm = site.norm else {
      throw SurgeonError(.impossible, "the node cannot be read")
    }
    self.site = site
    parameters = try BatchNormalizationParameters(
      of: norm, in: facts.model, trustsDefaults: policy.trustsDefaults, allowsUnit: true)
    let options = site.options
    let grouping: NormalizationOptions.Grouping =
      switch options.target {
      case .layernorm: .groups(1)
      case .instancenorm: .groups(parameters.channelCount)
      default: options.grouping
      }
    choice = try GroupChoice(
      parameters, positions: facts.shape(of: site)?.positionCount, grouping: grouping,
      isMatched: options.match != .copy)
    let matching = GroupMatching(parameters, groups: choice.groups)
    let isCopy = options.match == .copy
    plan = GroupPlan(
      groups: choice.groups, operators: options.operators,
      scale: isCopy ? parameters.gamma : matching.scale,
      bias: isCopy ? parameters.beta : matching.bias)
  }

  /// Fits gamma and beta to the data where the plan says so, and learns what the normalisation does.
  ///
  /// - Parameter samples: the moments of each sample of its input.
  mutating func learn(from samples: [Moments]) {
    let samples = samples.filter { $0.mean.count == parameters.channelCount }
    if site.options.match == .data {
      var fit = GroupFit(parameters, groups: plan.groups)
      for sample in samples { fit.add(sample) }
      if let (scale, bias) = fit.result { (plan.scale, plan.bias) = (scale, bias) }
    }
    var meter = GroupDamageMeter(
      parameters, groups: plan.groups, scale: plan.scale, bias: plan.bias)
    for sample in samples { meter.add(sample) }
    guard let damage = meter.damage, let ofScale = meter.damageOfScale else { return }
    own = DamageForecast.Difference(
      scale: ofScale * ofScale, rest: max(0, damage * damage - ofScale * ofScale))
    disturbance = Disturbance(
      changes: samples.map { meter.change(in: $0) }, deviations: meter.deviations, arriving: 0)
  }
}
