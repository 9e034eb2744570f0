extension EngineNetwork {
  /// Networks of normalisations and of what they are made of.
  static let normalizations = [
    EngineNetwork(
      name: "group, instance and layer normalisation",
      inputs: [
        ("x", [2, 6, 12, 11]), ("w", [20, 6, 3, 3]), ("s", [20]), ("o", [20]), ("v", [20, 1, 1]),
        ("u", [20, 12, 11]),
      ],
      text: """
        <ir_version: 8, opset_import: ["" : 21]>
        g (float[2,6,12,11] x, float[20,6,3,3] w, float[20] s, float[20] o, float[20,1,1] v,
           float[20,12,11] u) => (float[2,20,12,11] y) {
          c = Conv <pads = [1, 1, 1, 1]> (x, w)
          a = GroupNormalization <num_groups = 5> (c, s, o)
          b = InstanceNormalization (c, s, o)
          d = LayerNormalization <axis = 1> (c, v, v)
          e = LayerNormalization <axis = 1> (c, u)
          y = Sum (a, b, d, e)
        }
        """),
    EngineNetwork(
      name: "group normalisation decomposed, with statistics of the batch",
      inputs: [
        ("x", [2, 6, 12, 11]), ("w", [20, 6, 3, 3]), ("s", [20, 1, 1]), ("o", [20, 1, 1]),
      ],
      text: """
        <ir_version: 3, opset_import: ["" : 13]>
        g (float[2,6,12,11] x, float[20,6,3,3] w, float[20,1,1] s, float[20,1,1] o)
          => (float[2,20,12,11] y, float[20] m, float[2,5,528] n)
        <int64[3] split = {0, 5, -1}, int64[4] join = {2, 20, 12, 11}, float[5] one = {1, 1, 2, 1, 1},
         float[5] zero = {0, 0, 1, 0, 0}, float epsilon = {0.0001}> {
          c = Conv <pads = [1, 1, 1, 1]> (x, w)
          r = Reshape (c, split)
          i = InstanceNormalization (r, one, zero)
          p = Reshape (i, join)
          q = Mul (p, s)
          a = Add (q, o)
          d = Conv <pads = [1, 1, 1, 1]> (x, w)
          e = Reshape (d, split)
          f = ReduceMean <axes = [2]> (e)
          h = Sub (e, f)
          k = Mul (h, h)
          v = ReduceMean <axes = [-1]> (k)
          u = Add (v, epsilon)
          t = Sqrt (u)
          n = Div (h, t)
          b = Reshape (n, join)
          m = ReduceMean <axes = [0, 2, 3], keepdims = 0> (c)
          y = Sum (a, b, d)
        }
        """),
    EngineNetwork(
      name: "reductions over any dimensions",
      inputs: [("x", [2, 6, 9, 11]), ("w", [40, 6, 3, 3])],
      text: """
        <ir_version: 3, opset_import: ["" : 17]>
        g (float[2,6,9,11] x, float[40,6,3,3] w)
          => (float[2,40,9,11] y, float[1,6,1,1] o, float p, float[2,1,9,11] q, float[2,1,9,11] r)
        <int64[2] some = {0, 2}> {
          c = Conv <pads = [1, 1, 1, 1]> (x, w)
          a = ReduceSum (c, some)
          b = ReduceMax <axes = [1]> (c)
          d = ReduceMin <axes = [3]> (c)
          e = ReduceL1 <axes = [2]> (c)
          f = ReduceL2 <axes = [1, 3]> (c)
          h = ReduceSumSquare (c)
          i = GlobalMaxPool (c)
          y = Sum (a, b, d, e, f, h, i)
          o = ReduceMean <axes = [0, 2, 3]> (x)
          p = ReduceMean <keepdims = 0> (x)
          q = ReduceMax <axes = [1]> (x)
          r = ReduceL2 <axes = [1]> (x)
        }
        """),
    EngineNetwork(
      name: "normalisations of row-major values",
      inputs: [
        ("x", [2, 6, 7, 40]), ("s", [6]), ("o", [6]), ("v", [40]), ("u", [40]), ("a", [280]),
      ],
      text: """
        <ir_version: 8, opset_import: ["" : 23]>
        g (float[2,6,7,40] x, float[6] s, float[6] o, float[40] v, float[40] u, float[280] a)
          => (float[2,6,7,40] y, float[2,6,280] z) 
        <int64[3] shape = {2, 6, 280}> {
          b = GroupNormalization <num_groups = 3> (x, s, o)
          c = InstanceNormalization (x, s, o)
          d = LayerNormalization (x, v, u)
          e = LayerNormalization (x, v)
          f = RMSNormalization (x, v)
          y = Sum (b, c, d, e, f)
          h = Reshape (x, shape)
          z = LayerNormalization (h, a)
        }
        """),
    EngineNetwork(
      name: "batch normalisation in training mode",
      inputs: [
        ("x", [3, 6, 9, 11]), ("w", [20, 6, 3, 3]), ("s", [20]), ("o", [20]), ("m", [20]),
        ("v", [20]), ("t", [6]),
      ],
      text: """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[3,6,9,11] x, float[20,6,3,3] w, float[20] s, float[20] o, float[20] m, float[20] v,
           float[6] t) => (float[3,20,9,11] y, float[20] p, float[20] q, float[3,6,9,11] z) {
          c = Conv <pads = [1, 1, 1, 1]> (x, w)
          va = Abs (v)
          y, p, q = BatchNormalization <training_mode = 1> (c, s, o, m, va)
          z = BatchNormalization <training_mode = 1> (x, t, t, t, t)
        }
        """),
  ]
}
