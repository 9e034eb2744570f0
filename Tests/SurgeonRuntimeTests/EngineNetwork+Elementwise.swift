extension EngineNetwork {
  /// Networks of elementwise operators.
  static let elementwise = [
    EngineNetwork(
      name: "activations",
      inputs: [("x", [2, 6, 9, 11]), ("w", [8, 6, 3, 3])],
      text: """
        <ir_version: 8, opset_import: ["" : 20]>
        g (float[2,6,9,11] x, float[8,6,3,3] w) => (float[2,8,9,11] y, float[2,8,9,11] z)
        <float two = {2}, float three = {3}, float small = {0.05}> {
          large = Conv <pads = [1, 1, 1, 1]> (x, w)
          c = Mul (large, small)
          a = Gelu (c)
          b = Gelu <approximate = "tanh"> (c)
          d = Mish (c)
          e = Softplus (c)
          f = Selu (c)
          h = Celu <alpha = 0.7> (c)
          i = Pow (c, two)
          j = Pow (c, three)
          k = Floor (c)
          l = Ceil (c)
          m = Round (c)
          n = Abs (c)
          o = Log (n)
          z = Sum (a, b, d, e, f, h, k, l, m, o)
          y = Sum (i, j)
        }
        """),
    EngineNetwork(
      name: "a slope that no fused step takes",
      inputs: [("x", [1, 4, 1, 9]), ("s", [4, 1, 1]), ("f", [3, 4, 5, 9])],
      text: """
        <ir_version: 3, opset_import: ["" : 13]>
        g (float[1,4,1,9] x, float[4,1,1] s, float[3,4,5,9] f) => (float[3,4,5,9] y) {
          a = Neg (x)
          b = PRelu (a, s)
          c = Mul (b, f)
          y = PRelu (c, s)
        }
        """),
  ]
}
