internal import SurgeonIR
public import SurgeonRewrite

extension RewriteRule {
  /// A BatchNormalization with frozen statistics goes into the MatMul before it; the intercept stays
  /// as an Add, since a MatMul has no bias.
  ///
  ///     W' = W * a[columns],  Y = x W' + b
  ///
  /// Before:
  ///
  ///     z = MatMul(x, W)
  ///     y = BatchNormalization(z, gamma, beta, mean, var)
  ///
  /// After:
  ///
  ///     z = MatMul(x, weight)
  ///     y = Add(z, bias)
  ///
  /// Only on a result of rank 2, where the columns are the channels.
  public static func foldIntoMatMul(of selection: NodeSelection = .all) -> RewriteRule {
    let bn = BatchNormPattern()
    let matmul = Capture<Node.ID>("matmul")
    let weight = Capture<Value.ID>("weight")
    let guards = FoldConditions(bn: bn, neighbour: matmul, weight: weight, bias: nil)
    return .editing(
      "fold-into-matmul", "BatchNormalization goes into the MatMul before it", fidelity: .rounding,
      pattern: bn.pattern(of: Op.MatMul(Op.anything, weight).ordered.as(matmul).usedOnce()),
      subject: bn.node,
      conditions: selection.conditions(on: bn.node) + bn.isFrozen + guards.all + [
        Condition("the product has rank 2, so that its columns are the channels", about: "matmul") {
          match, context in
          guard let rank = context.model[match[matmul]].output(0).flatMap({ context.rank($0) })
          else { throw Decline("the rank of the product is not known", node: match[matmul]) }
          guard rank == 2 else {
            throw Decline(
              "the product has rank \(rank): its columns are not the channels",
              node: match[matmul])
          }
          return true
        }
      ]
    ) { match, context, patch in
      let affine = ChannelAffine(try bn.parameters(match, context))
      let target = try guards.target(match, context)
      let layout = try target.requireChannels(
        target.weight.shape.count == 2
          ? .matrixColumns(target.weight.shape, isTransposed: false) : nil, affine)
      guard let product = context.model[target.node].output(0) else {
        throw Decline("the MatMul has no result", node: target.node)
      }
      try target.set(
        weights: layout.scaled(target.numbers, by: affine.slope), bias: nil, into: &patch)
      let bias = try target.constant(
        affine.intercept, shape: [affine.intercept.count], called: "bias", into: &patch)
      let result = OperatorSpelling(opset: context.opset() ?? 1).channelwise(
        "Add", product, bias, name: "shifted", type: context.type(product), into: &patch)
      patch.remove(match.root)
      patch.replace(match.output, with: result)
    }
  }
}
