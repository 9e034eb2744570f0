import Surgeon

extension RewriteRule {
  /// A MatMul of matrices with a bias after it becomes a Gemm.
  public static var matMulToGemm: RewriteRule {
    let x = Capture<Value.ID>("x")
    let weight = Capture<Tensor>("weight")
    let bias = Capture<Tensor>("bias")
    return RewriteRule(
      "matmul-to-gemm", "a MatMul with a bias is one Gemm", fidelity: .rounding,
      pattern: Op.Add(Op.MatMul(x.rank(2), weight).usedOnce(), bias),
      conditions: [
        Condition("the bias has one number per column", about: "bias") { match, _ in
          match[weight].shape.count == 2 && match[bias].shape == [match[weight].shape[1]]
        }
      ]
    ) { match, _, patch in
      patch.op("Gemm", [match[x], match.value(of: weight), match.value(of: bias)])
    }
  }
}
