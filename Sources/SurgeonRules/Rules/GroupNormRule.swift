public import SurgeonIR
public import SurgeonRewrite

/// What becomes of one BatchNormalization that is replaced by a group normalisation.
public struct GroupPlan: Sendable {
  public var groups: Int
  public var operators: GroupOptions.Operators
  /// gamma'; for a gamma of 1 where it is no constant.
  public var scale: [Double]
  /// beta'; for a gamma of 1 and a beta of 0 where these are no constants.
  public var bias: [Double]

  public init(
    groups: Int, operators: GroupOptions.Operators = .native, scale: [Double], bias: [Double]
  ) {
    self.groups = groups
    self.operators = operators
    self.scale = scale
    self.bias = bias
  }

  /// Moment matching with the number of groups that predicts the smallest damage.
  ///
  /// - Throws: as `GroupChoice`.
  public static func automatic(
    _ parameters: BatchNormalizationParameters, positions: Int?
  ) throws(SurgeonError) -> GroupPlan {
    let choice = try GroupChoice(parameters, positions: positions, grouping: .automatic)
    let matching = GroupMatching(parameters, groups: choice.groups)
    return GroupPlan(groups: choice.groups, scale: matching.scale, bias: matching.bias)
  }
}

extension RewriteRule {
  /// A BatchNormalization becomes a group normalisation, which has no running statistics and does
  /// not look at the batch. gamma and beta are matched so that the function stays what it was where
  /// a sample's group statistics equal the running ones.
  ///
  ///     gamma'_c = gamma_c * sigma_g / sigma_c                             (see GroupMatching)
  ///     beta'_c  = beta_c + gamma_c * (mu_g - mu_c) / sigma_c
  ///
  /// Before: `y = BatchNormalization(x, gamma, beta, mean, var)`
  ///
  /// After, from opset 21 on: `y = GroupNormalization <num_groups> (x, scale, bias)`
  ///
  /// After, before:
  ///
  ///     grouped = Reshape(x, [0, G, -1])
  ///     normalized = InstanceNormalization(grouped, ones, zeros)
  ///     ungrouped = Reshape(normalized, [0, C, D1, ...])
  ///     scaled = Mul(ungrouped, scale)
  ///     y = Add(scaled, bias)
  ///
  /// Where gamma and beta are no constants, scale and bias are computed from them in the graph:
  /// scale = gamma * sigma_g / sigma_c, bias = beta + gamma * (mu_g - mu_c) / sigma_c.
  ///
  /// - Parameter plans: by the node's name; where it gives none, the number of groups is automatic.
  public static func groupNorm(
    of selection: NodeSelection = .all,
    plans: @escaping @Sendable (String) -> GroupPlan? = { _ in nil }
  ) -> RewriteRule {
    let bn = BatchNormPattern()
    return RewriteRule(
      "group-norm", "BatchNormalization becomes a group normalisation, moments matched",
      fidelity: .approximate, pattern: bn.pattern, subject: bn.node,
      conditions: selection.conditions(on: bn.node) + bn.hasFrozenStatistics + [
        .opset(7...),
        bn.hasChannelAxis,
      ]
    ) { match, context, patch in
      let norm = try bn.read(match, context)
      let parameters = try bn.parameters(match, context, allowsUnit: true)
      let (type, elementType) = try bn.inputType(match, context, parameters)
      guard let shape = type.shape else {
        throw Decline("the rank of X is not known", value: norm.input)
      }
      let name = context.model.label(of: norm.node)
      return try declining(norm.node) { () throws(SurgeonError) in
        let plan: GroupPlan
        if let given = plans(name) {
          plan = given
        } else {
          plan = try .automatic(parameters, positions: shape.positionCount)
        }
        let input = NormalizedInput(
          value: norm.input, elementType: elementType, shape: shape,
          channels: parameters.channelCount)
        return try OperatorSpelling(opset: norm.opset).groupNormalization(
          input,
          affine: GraphAffine(
            ChannelAffine(slope: plan.scale, intercept: plan.bias), of: parameters, norm),
          options: GroupOptions(
            groups: plan.groups, epsilon: norm.epsilon, operators: plan.operators), into: &patch)
      }
    }
  }
}

extension Shape {
  /// D1 * ... * Dk of [N, C, D1, ..., Dk], where every Di is known.
  var positionCount: Int? {
    let sizes = dimensions.dropFirst(2).map(\.value)
    guard !sizes.contains(nil) else { return nil }
    return sizes.compactMap { $0 }.reduce(1, *)
  }
}
