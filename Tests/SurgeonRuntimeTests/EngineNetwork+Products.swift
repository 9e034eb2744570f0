extension EngineNetwork {
  /// Networks of matrix products and what becomes one.
  static let products = [
    EngineNetwork(
      name: "einsums of a convolution and of constants",
      inputs: [("x", [2, 6, 9, 11]), ("w", [8, 6, 1, 1]), ("a", [8, 9, 5]), ("b", [5, 11, 3])],
      text: """
        <ir_version: 3, opset_import: ["" : 17]>
        g (float[2,6,9,11] x, float[8,6,1,1] w, float[8,9,5] a, float[5,11,3] b)
          => (float[2,3] y) {
          c = Conv (x, w)
          d = Einsum <equation = "nctv,ctk->nkv"> (c, a)
          e = Einsum <equation = "nkv,kvo->nkvo"> (d, b)
          y = Einsum <equation = "nkvo,nkv->no"> (e, d)
        }
        """),
    EngineNetwork(
      name: "rows with a filter for each channel, powers, sums of exponentials",
      inputs: [("x", [2, 6, 40]), ("w", [6, 1, 3]), ("b", [6]), ("p", [1, 6, 1])],
      text: """
        <ir_version: 3, opset_import: ["" : 17]>
        g (float[2,6,40] x, float[6,1,3] w, float[6] b, float[1,6,1] p) => (float[2,40] y) {
          c = Conv <group = 6, pads = [1, 1]> (x, w, b)
          s = Sigmoid (c)
          q = Pow (s, p)
          l = ReduceLogSumExp <axes = [1], keepdims = 0> (q)
          m = ReduceLogSumExp <axes = [2], keepdims = 1> (q)
          n = ReduceMax <axes = [1], keepdims = 0> (m)
          y = Add (l, n)
        }
        """),
    EngineNetwork(
      name: "few rows times a small matrix",
      inputs: [("x", [3, 19]), ("w", [21, 19]), ("b", [21]), ("v", [21, 6])],
      text: """
        <ir_version: 3, opset_import: ["" : 17]>
        g (float[3,19] x, float[21,19] w, float[21] b, float[21,6] v) => (float[3,6] y) {
          c = Gemm <transB = 1> (x, w, b)
          t = Tanh (c)
          y = MatMul (t, v)
        }
        """),
    EngineNetwork(
      name: "few rows times small matrices of many columns",
      inputs: [("x", [2, 19]), ("w", [19, 40]), ("b", [40]), ("v", [40, 64]), ("u", [64, 31])],
      text: """
        <ir_version: 3, opset_import: ["" : 17]>
        g (float[2,19] x, float[19,40] w, float[40] b, float[40,64] v, float[64,31] u)
          => (float[2,31] y) {
          c = Gemm (x, w, b)
          t = Tanh (c)
          d = MatMul (t, v)
          s = Sigmoid (d)
          y = MatMul (s, u)
        }
        """),
    EngineNetwork(
      name: "products with elementwise operators of several operands after them",
      inputs: [("x", [2, 5, 19]), ("w", [19, 40]), ("v", [40, 8]), ("b", [8]), ("r", [10, 8])],
      text: """
        <ir_version: 3, opset_import: ["" : 17]>
        g (float[2,5,19] x, float[19,40] w, float[40,8] v, float[8] b, float[10,8] r)
          => (float[2,5,40] d, float[10,8] y)
        <int64[2] flat = {10, 40}> {
          c = MatMul (x, w)
          s = Sigmoid (x)
          e = MatMul (s, w)
          a = Add (c, e)
          d = Relu (a)
          f = Reshape (d, flat)
          g = Gemm <alpha = 0.5> (f, v)
          h = Mul (g, r)
          i = Tanh (h)
          j = Gemm (f, v, b)
          k = LeakyRelu (j)
          y = Add (k, i)
        }
        """),
  ]
}
