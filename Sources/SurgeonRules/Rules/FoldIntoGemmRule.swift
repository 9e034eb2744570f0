internal import SurgeonIR
public import SurgeonRewrite

extension RewriteRule {
  /// A BatchNormalization with frozen statistics goes into the Gemm before it.
  ///
  ///     Y = alpha * A * B + beta * C        B' = B * a[columns],  C' = (beta * C) * a + b,  beta' = 1
  ///
  /// Before:
  ///
  ///     z = Gemm <alpha, beta, transA, transB> (A, B, C)
  ///     y = BatchNormalization(z, gamma, beta, mean, var)
  ///
  /// After: `y = Gemm <alpha, transA, transB> (A, weight, bias)`
  public static func foldIntoGemm(of selection: NodeSelection = .all) -> RewriteRule {
    let bn = BatchNormPattern()
    let gemm = Capture<Node.ID>("gemm")
    let weight = Capture<Value.ID>("weight")
    let addend = Capture<Value.ID?>("addend")
    let guards = FoldConditions(bn: bn, neighbour: gemm, weight: weight, bias: addend)
    return .editing(
      "fold-into-gemm", "BatchNormalization goes into the Gemm before it", fidelity: .rounding,
      pattern: bn.pattern(of: Op.Gemm(Op.anything, weight, addend).as(gemm).usedOnce()),
      subject: bn.node,
      conditions: selection.conditions(on: bn.node) + bn.isFrozen + guards.all
    ) { match, context, patch in
      let affine = ChannelAffine(try bn.parameters(match, context))
      let target = try guards.target(match, context)
      let node = context.model[target.node]
      let isTransposed = node.int("transB") ?? 0 != 0
      let layout = try target.requireChannels(
        target.weight.shape.count == 2
          ? .matrixColumns(target.weight.shape, isTransposed: isTransposed) : nil, affine)
      if let shape = target.bias?.shape, let last = shape.last,
        shape.count > 2
          || (last != 1 && last != affine.slope.count)
      {
        throw Decline(
          "C of shape \(shape) does not meet \(affine.slope.count) columns", node: target.node)
      }
      let folded = Fold.gemmAddend(
        target.bias, beta: Double(node.float("beta") ?? 1), affine: affine)
      try target.set(
        weights: layout.scaled(target.numbers, by: affine.slope), bias: folded, into: &patch)
      patch.removeAttribute("beta", of: target.node)
      if (context.opset() ?? 1) < 7 {
        // Before opset 7 Gemm broadcasts C only where it is told to.
        patch.setAttribute(.int("broadcast", 1), of: target.node)
      }
      patch.remove(match.root)
      if let result = node.output(0) { patch.replace(match.output, with: result) }
    }
  }
}
