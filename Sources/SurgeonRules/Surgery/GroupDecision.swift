internal import SurgeonIR
internal import SurgeonRewrite

/// What a surgery decided about one BatchNormalization that becomes a group normalisation.
struct GroupDecision {
  let site: NormalizationSite
  let parameters: BatchNormalizationParameters
  let choice: GroupChoice
  var plan: GroupPlan

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
}
