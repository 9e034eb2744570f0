internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import SurgeonTesting
internal import SurgeonVerify
internal import Testing

private let generic = BuiltinRules.generic(evaluator: RuntimeEvaluator())
private let header = #"<ir_version: 8, opset_import: ["" : 15]>"#

@Suite struct GenericRuleTests {
  @Test(arguments: [
    "v = Add (var, eps) d = Sqrt (v) n = Div (c, d)",
    "v = Add (eps, var) d = Sqrt (v) r = Reciprocal (d) n = Mul (r, c)",
    "v = Add (var, eps) d = Sqrt (v) r = Div (one, d) n = Mul (c, r)",
    "v = Add (var, eps) d = Pow (v, half) n = Div (c, d)",
    "v = Add (var, eps) r = Pow (v, minus) n = Mul (c, r)",
    "v = Add (var, eps) d = Pow (v, half) r = Reciprocal (d) n = Mul (c, r)",
  ])
  func `a decomposed normalisation becomes one node, whatever its spelling`(
    middle: String
  ) throws {
    let constants = """
      <float[2,1] mean = {1, -1}, float[1,2,1] var = {0.75, 3.75}, float eps = {0.25},
       float one = {1}, float half = {0.5}, float minus = {-0.5}, float[2,1] gamma = {2, 4}, float[2,1] beta = {5, 6}>
      """
    try RuleTest([.recomposeBatchNorm()]).expect(
      """
      \(header) g (float[2,2,3] x) => (float[2,2,3] y) \(constants) {
        c = Sub (x, mean) \(middle) s = Mul (gamma, n) y = Add (s, beta)
      }
      """,
      becomes: """
        \(header) g (float[2,2,3] x) => (float[2,2,3] y)
        <float[2] g = {2, 4}, float[2] b = {5, 6}, float[2] m = {1, -1}, float[2] v = {0.75, 3.75}> {
          y = BatchNormalization <epsilon = 0.25> (x, g, b, m, v)
        }
        """)
  }

  @Test(arguments: [
    ("y = Div (c, d)", "{1, 1}", "{0, 0}"),
    ("n = Div (c, d) y = Mul (gamma, n)", "{2, 4}", "{0, 0}"),
    ("n = Div (c, d) y = Add (n, beta)", "{1, 1}", "{5, 6}"),
  ])
  func `gamma and beta may be missing where the root is there`(
    end: String, gamma: String, beta: String
  ) throws {
    try RuleTest([.recomposeBatchNorm()]).expect(
      """
      \(header) g (float[2,2,3] x) => (float[2,2,3] y)
      <float[2,1] mean = {1, -1}, float[1,2,1] var = {0.75, 3.75}, float eps = {0.25},
       float[2,1] gamma = {2, 4}, float[2,1] beta = {5, 6}> {
        c = Sub (x, mean) v = Add (var, eps) d = Sqrt (v) \(end)
      }
      """,
      becomes: """
        \(header) g (float[2,2,3] x) => (float[2,2,3] y)
        <float[2] g = \(gamma), float[2] b = \(beta), float[2] m = {1, -1},
         float[2] v = {0.75, 3.75}> {
          y = BatchNormalization <epsilon = 0.25> (x, g, b, m, v)
        }
        """)
  }

  @Test func `a difference over a number alone prepares an image, and stays`() throws {
    var model = try OnnxText.parse(
      """
      \(header) g (float[2,2,3] x) => (float[2,2,3] y)
      <float[2,1] mean = {1, -1}, float[2,1] deviation = {2, 4}> {
        c = Sub (x, mean) y = Div (c, deviation)
      }
      """)
    let report = try Rewriter([.recomposeBatchNorm()]).rewrite(&model)
    #expect(report.applications.isEmpty)
  }

  @Test func `constants are folded first, then the normalisation is found`() throws {
    try RuleTest(generic).expect(
      """
      \(header) g (float[2,2,3] x) => (float[2,2,3] y)
      <float[2,1] mean = {1, -1}, float[2,1] var = {4, 16}, float eps = {0},
       float[2,1] gamma = {2, 4}, float[2,1] beta = {5, 6}> {
        v = Add (var, eps) d = Sqrt (v) i = Identity (x)
        c = Sub (i, mean) n = Div (c, d) s = Mul (gamma, n) y = Add (s, beta)
      }
      """,
      becomes: """
        \(header) g (float[2,2,3] x) => (float[2,2,3] y)
        <float[2] g = {2, 4}, float[2] b = {5, 6}, float[2] m = {1, -1}, float[2] v = {4, 16}> {
          y = BatchNormalization <epsilon = 0.0> (x, g, b, m, v)
        }
        """)
  }

  @Test func `a normalisation over the last axis is another operator`() throws {
    try RuleTest([.recomposeBatchNorm()]).expect(
      """
      \(header) g (float[2,2,3] x) => (float[2,2,3] y)
      <float[3] mean = {1, -1, 0}, float[3] d = {1, 2, 3}, float[3] k = {1, 2, 3}> {
        c = Sub (x, mean) n = Div (c, d) s = Mul (k, n) y = Add (s, k)
      }
      """,
      isDeclined: ["the deviation is not one number per channel: its shape is [3]"])
  }

  @Test func `identities and inference dropouts go, where outputs allow it`() throws {
    try RuleTest([.removeIdentity(), .removeDropout()]).expect(
      """
      \(header) g (float[2] x) => (float[2] y, float[2] z, float[2] w) {
        a = Identity (x) b = Dropout (a) r = Relu (b) y = Identity (r) z = Identity (x)
        w = Identity (y)
      }
      """,
      becomes: """
        \(header) g (float[2] x) => (float[2] y, float[2] z, float[2] w) {
          y = Relu (x) z = Identity (x) w = Identity (y)
        }
        """)
  }

  @Test func `a dropout in training mode stays`() throws {
    try RuleTest([.removeDropout()]).expect(
      """
      \(header) g (float[2] x) => (float[2] y) <bool t = {1}> {
        b = Dropout (x, , t) y = Relu (b)
      }
      """,
      isDeclined: ["not so: the Dropout is in inference mode and nobody reads its mask"])
  }
}
