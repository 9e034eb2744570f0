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

  @Test func `a place in a body, with values of the graph around it, is certified`() throws {
    var model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[2, 3] x, bool c) => (float[2, 3] y) <float[3] k = {1, 2, 3}> {
        s = Neg (x)
        y = If (c) <
          then_branch = t () => (float[2, 3] a) { p = Add (s, k) a = Mul (p, p) },
          else_branch = e () => (float[2, 3] b) { b = Mul (s, s) }>
      }
      """)
    let options = RewriteOptions(certifier: RuntimeCertifier())
    let report = try Rewriter([wrong, right], options: options).rewrite(&model)
    #expect(report.certified == 2)
    #expect(report.uncertified.isEmpty)
    #expect(report.failures.map(\.subjectName) == ["p"])
    #expect(model.allNodes.map { model[$0].opType } == ["Neg", "If", "Add", "Pow", "Pow"])
    model.checkInvariants()
  }

  @Test func `a node with bodies, and a call of a function, are certified`() throws {
    let same = RewriteRule(
      "same", "an If is itself without an Identity behind it", fidelity: .exact,
      pattern: Op.Identity(Op.If(x))
    ) { match, context, patch in
      guard let node = context.model[match.output].producer?.node,
        let inner = context.model[node].input(0)
      else { throw Decline("the Identity reads nothing") }
      return inner
    }
    let call = RewriteRule(
      "call", "the negated square is a negation of the square", fidelity: .exact,
      pattern: Op.domain("local").NegatedSquare(x)
    ) { match, _, patch in patch.op("Neg", [patch.op("Mul", [match[x], match[x]])]) }
    var model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15, "local" : 1]>
      g (float[2] x, bool c) => (float[2] y) {
        s = local.NegatedSquare (x)
        i = If (c) <
          then_branch = t () => (float[2] a) { a = Neg (s) },
          else_branch = e () => (float[2] b) { b = local.NegatedSquare (x) }>
        j = Identity (i)
        y = Exp (j)
      }
      <domain: "local", opset_import: ["" : 15]>
      NegatedSquare (v) => (w) { q = Mul (v, v) w = Neg (q) }
      """)
    let options = RewriteOptions(certifier: RuntimeCertifier())
    let report = try Rewriter([same, call], options: options).rewrite(&model)
    #expect(report.uncertified.map(\.detail) == [])
    #expect(report.certified == 3)
  }

  @Test func `a change of the element type breaks a promise, though Float64 hides it`() throws {
    let halved = RewriteRule(
      "halved", "a Neg in half precision", fidelity: .rounding, pattern: Op.Neg(x)
    ) { match, _, patch in
      patch.op(
        "Neg", [patch.op("Cast", [match[x]], [.int("to", Int(ElementType.float16.rawValue))])])
    }
    var model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]> g (float[2] x) => (y) { a = Neg (x) y = Abs (a) }
      """)
    let options = RewriteOptions(certifier: RuntimeCertifier())
    let report = try Rewriter([halved], options: options).rewrite(&model)
    #expect(
      report.failures.map(\.detail)
        == ["it changes the type of its result from float to float16"])
  }

  @Test func `a budget leaves out what is large, and says so`() throws {
    var model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[2, 3] x, float[512, 512] z) => (float[2, 3] y, float[512, 512] w) {
        y = Mul (x, x)
        w = Mul (z, z)
      }
      """)
    let options = RewriteOptions(
      certifier: RuntimeCertifier(), certificateBudget: .unnoticed)
    let report = try Rewriter([right], options: options).rewrite(&model)
    #expect(report.certified == 1)
    #expect(report.uncertified.map(\.subjectName) == ["w"])
    #expect(report.uncertified.map(\.detail) == ["it is too large to be checked unasked"])
  }
}
