internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonVerify
internal import Testing

private let x = Capture<Value.ID>("x")
private let k = Capture<Tensor>("k")

/// Says 2x for x + k: true where k is x, and nowhere else.
private let wrong = RewriteRule(
  "double", "x + k is 2x", fidelity: .rounding, pattern: Op.Add(x, k)
) { match, _, patch in
  patch.op("Mul", [match[x], patch.constant(Tensor(scalar: Float(2)), name: "two")])
}

private let right = RewriteRule(
  "square", "x * x is x to the power of 2", fidelity: .rounding, pattern: Op.Mul(x, x)
) { match, _, patch in
  patch.op("Pow", [match[x], patch.constant(Tensor(scalar: Float(2)), name: "two")])
}

@Suite struct CertificateTests {
  @Test func `an application that breaks its promise is undone and named, the rest goes on`() throws
  {
    var model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[N, 3] x) => (float[N, 3] y) <float[3] k = {1, 2, 3}> {
        a = Add (x, k)
        b = Mul (a, a)
        y = Relu (b)
      }
      """)
    let options = RewriteOptions(certifier: RuntimeCertifier())
    let report = try Rewriter([wrong, right], options: options).rewrite(&model)
    #expect(model.allNodes.map { model[$0].opType } == ["Add", "Pow", "Relu"])
    #expect(report.applications.map(\.rule) == ["square"])
    #expect(report.certified == 1)
    #expect(report.failures.map(\.rule) == ["double"])
    #expect(report.failures.map(\.subjectName) == ["a"])
    #expect(
      report.failures[0].detail.hasPrefix(
        "it promises rounding, and in Float64 on random inputs the results differ by "))
    model.checkInvariants()
  }
}
