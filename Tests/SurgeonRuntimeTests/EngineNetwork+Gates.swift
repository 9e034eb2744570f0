extension EngineNetwork {
  /// Networks whose channels are multiplied by a gate.
  static let gates = [
    EngineNetwork(
      name: "squeeze and excitation with hard swish",
      inputs: [("x", [2, 6, 8, 8]), ("w", [6, 6, 1, 1])],
      text: """
        <ir_version: 3, opset_import: ["" : 13]>
        g (float[2,6,8,8] x, float[6,6,1,1] w) => (float[2,6,8,8] y) {
          c = Conv (x, w)
          h = HardSigmoid <alpha = 0.16666667> (c)
          e = Mul (c, h)
          p = GlobalAveragePool (e)
          q = Conv (p, w)
          s = Sigmoid (q)
          z = Mul (s, e)
          k = Sigmoid (z)
          y = Mul (z, k)
        }
        """),
    EngineNetwork(
      name: "squeeze and excitation of two layers",
      inputs: [
        ("x", [2, 19, 12, 11]), ("w", [19, 19, 1, 1]), ("a", [21, 19, 1, 1]), ("b", [21]),
        ("d", [19, 21, 1, 1]), ("e", [19]),
      ],
      text: """
        <ir_version: 3, opset_import: ["" : 13]>
        g (float[2,19,12,11] x, float[19,19,1,1] w, float[21,19,1,1] a, float[21] b,
           float[19,21,1,1] d, float[19] e) => (float[2,19,12,11] y) {
          c = Conv (x, w)
          p = GlobalAveragePool (c)
          q = Conv (p, a, b)
          r = Relu (q)
          s = Conv (r, d, e)
          t = HardSigmoid (s)
          z = Mul (t, c)
          y = Conv (z, w)
        }
        """),
  ]
}
