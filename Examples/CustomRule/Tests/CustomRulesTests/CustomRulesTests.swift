import CustomRules
import SurgeonTesting
import Testing

@Suite struct CustomRulesTests {
  @Test func `the parts of a HardSwish become one node, in any order of the operands`() throws {
    try RuleTest(.fuseHardSwish).expect(
      """
      <ir_version: 8, opset_import: ["" : 14]>
      g (float[2, 3] x) => (float[2, 3] y)
      <float three = {3}, float zero = {0}, float six = {6}> {
        a = Add (three, x)
        c = Clip (a, zero, six)
        m = Mul (c, x)
        y = Div (m, six)
      }
      """,
      becomes: """
        <ir_version: 8, opset_import: ["" : 14]>
        g (float[2, 3] x) => (float[2, 3] y) { y = HardSwish (x) }
        """)
  }

  private func product(output: String = "", x: String = "float[2, 3] x") -> String {
    """
    <ir_version: 8, opset_import: ["" : 14]>
    g (\(x)) => (float[2, 2] y\(output))
    <float[3, 2] w = {1, 2, 3, 4, 5, 6}, float[2] b = {7, 8}> {
      p = MatMul (x, w)
      y = Add (b, p)
    }
    """
  }

  @Test func `a MatMul with a bias becomes a Gemm`() throws {
    try RuleTest(.matMulToGemm).expect(
      product(),
      becomes: """
        <ir_version: 8, opset_import: ["" : 14]>
        g (float[2, 3] x) => (float[2, 2] y)
        <float[3, 2] w = {1, 2, 3, 4, 5, 6}, float[2] b = {7, 8}> {
          y = Gemm (x, w, b)
        }
        """)
  }

  @Test func `a product that somebody else reads stays`() throws {
    try RuleTest(.matMulToGemm).expect(
      product(output: ", float[2, 2] p"),
      isDeclined: ["'p' is also read by others, so it cannot disappear"])
  }

  @Test func `a stack of matrices is no case for Gemm`() throws {
    try RuleTest(.matMulToGemm).expect(
      product(x: "float[5, 2, 3] x"), isDeclined: ["'x' has rank 3, the rule wants 2"])
  }
}
