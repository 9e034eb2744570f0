internal import SurgeonIR
public import SurgeonRewrite

extension RewriteRule {
  /// A BatchNormalization with frozen statistics goes into the Conv before it.
  ///
  ///     W' = W * a[out],  c' = c * a + b      (c = 0 where the Conv has no bias)
  ///
  /// Before:
  ///
  ///     z = Conv(x, W, c)
  ///     y = BatchNormalization(z, gamma, beta, mean, var)
  ///
  /// After: `y = Conv(x, weight, bias)`
  public static func foldIntoConv(of selection: NodeSelection = .all) -> RewriteRule {
    foldIntoConvolution(
      "Conv", name: "fold-into-conv", summary: "BatchNormalization goes into the Conv before it",
      of: selection
    ) { weight, _ in weight.count >= 2 ? .convOutput(weight) : nil }
  }

  /// A BatchNormalization with frozen statistics goes into the ConvTranspose before it, whose weight
  /// [C, M/group, ...] is seen as [group, C/group, M/group, ...].
  ///
  /// Before:
  ///
  ///     z = ConvTranspose(x, W, c)
  ///     y = BatchNormalization(z, gamma, beta, mean, var)
  ///
  /// After: `y = ConvTranspose(x, weight, bias)`
  public static func foldIntoConvTranspose(of selection: NodeSelection = .all) -> RewriteRule {
    foldIntoConvolution(
      "ConvTranspose", name: "fold-into-conv-transpose",
      summary: "BatchNormalization goes into the ConvTranspose before it", of: selection
    ) { weight, group in
      weight.count >= 2 ? .convTransposeOutput(weight, group: group) : nil
    }
  }

  private static func foldIntoConvolution(
    _ opType: String, name: String, summary: String, of selection: NodeSelection,
    layout: @escaping @Sendable ([Int], Int) -> WeightLayout?
  ) -> RewriteRule {
    let bn = BatchNormPattern()
    let conv = Capture<Node.ID>("conv")
    let weight = Capture<Value.ID>("weight")
    let bias = Capture<Value.ID?>("bias")
    let guards = FoldConditions(bn: bn, neighbour: conv, weight: weight, bias: bias)
    return .editing(
      name, summary, fidelity: .rounding,
      pattern: bn.pattern(
        of: Op.oneOf(opType)(Op.anything, weight, bias).as(conv).usedOnce()),
      subject: bn.node,
      conditions: selection.conditions(on: bn.node) + bn.isFrozen + guards.all
    ) { match, context, patch in
      let affine = ChannelAffine(try bn.parameters(match, context))
      let target = try guards.target(match, context)
      let node = context.model[target.node]
      let layout = try target.requireChannels(
        layout(target.weight.shape, node.int("group") ?? 1), affine)
      let folded = Fold.after(
        weights: target.numbers, layout: layout, bias: target.bias?.numbers, affine: affine)
      try target.set(
        weights: folded.weights, bias: (folded.bias, [folded.bias.count]), into: &patch)
      patch.remove(match.root)
      if let result = node.output(0) { patch.replace(match.output, with: result) }
    }
  }
}
