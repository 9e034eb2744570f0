internal import SurgeonIR
public import SurgeonRewrite

extension RewriteRule {
  /// A BatchNormalization with frozen statistics goes into the Conv that alone reads it.
  ///
  ///     W' = W * a[in],  c' = c + sum W * b[in]
  ///
  /// That is exact where the Conv reads no padding, or where b is 0: zeros are padded after the
  /// normalisation. With padding only the slope goes in, and Add(b / a) stays in front of the Conv,
  /// which needs every a to be other than 0.
  ///
  /// Before:
  ///
  ///     z = BatchNormalization(x, gamma, beta, mean, var)
  ///     y = Conv(z, W, c)
  ///
  /// After, without padding: `y = Conv(x, weight, bias)`
  ///
  /// After, with padding:
  ///
  ///     shifted = Add(x, remainder)
  ///     y = Conv(shifted, weight, c)
  public static func foldIntoNextConv(of selection: NodeSelection = .all) -> RewriteRule {
    let bn = BatchNormPattern()
    let conv = Capture<Node.ID>("conv")
    let weight = Capture<Value.ID>("weight")
    let bias = Capture<Value.ID?>("bias")
    let guards = FoldConditions(bn: bn, neighbour: conv, weight: weight, bias: bias)
    return .editing(
      "fold-into-next-conv", "BatchNormalization goes into the Conv after it", fidelity: .rounding,
      pattern: Op.Conv(bn.pattern.usedOnce(), weight, bias).as(conv), subject: bn.node,
      conditions: selection.conditions(on: bn.node) + bn.isFrozen + guards.all
    ) { match, context, patch in
      let norm = try bn.read(match, context)
      let parameters = try bn.parameters(match, context)
      let affine = ChannelAffine(parameters)
      let target = try guards.target(match, context)
      let node = context.model[target.node]
      let layout = try target.requireChannels(
        target.weight.shape.count >= 2
          ? .convInput(target.weight.shape, group: node.int("group") ?? 1) : nil, affine)
      var source = norm.input
      if node.readsPadding(kernel: Array(target.weight.shape.dropFirst(2))),
        affine.intercept.contains(where: { $0 != 0 })
      {
        guard let remainder = Fold.remainder(of: affine) else {
          throw Decline(
            "the Conv pads its input, and a channel has slope 0: the intercept cannot stay in front",
            node: target.node)
        }
        let (type, elementType) = try bn.inputType(match, context, parameters)
        source = try declining(norm.node) { () throws(SurgeonError) in
          try OperatorSpelling(opset: norm.opset).shift(
            norm.input, by: remainder, shape: affine.shape, type: type, elementType: elementType,
            into: &patch)
        }
        try target.set(
          weights: layout.scaled(target.numbers, by: affine.slope), bias: nil, into: &patch)
      } else {
        let folded = Fold.before(
          weights: target.numbers, layout: layout, bias: target.bias?.numbers, affine: affine)
        try target.set(
          weights: folded.weights, bias: (folded.bias, [folded.bias.count]), into: &patch)
      }
      patch.setInput(0, of: target.node, to: source)
      patch.remove(norm.node)
    }
  }
}

extension Node {
  /// Whether a Conv or pooling with this kernel may read beyond the edge of its input.
  func readsPadding(kernel: [Int]) -> Bool {
    switch string("auto_pad") ?? "NOTSET" {
    case "VALID": false
    // A kernel of one position never reaches over the edge, whatever the stride.
    case "SAME_UPPER", "SAME_LOWER": !kernel.allSatisfy { $0 == 1 }
    default: ints("pads")?.contains { $0 != 0 } ?? false
    }
  }
}
