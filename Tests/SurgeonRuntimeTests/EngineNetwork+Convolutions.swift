extension EngineNetwork {
  /// Networks of convolutions in every arrangement, and of what follows them.
  static let convolutions = [
    EngineNetwork(
      name: "convolution, statistics, activation, residual",
      inputs: [
        ("x", [2, 6, 9, 11]), ("w", [8, 6, 3, 3]), ("b", [8]), ("s", [8]), ("o", [8]), ("m", [8]),
        ("v", [8]),
      ],
      text: """
        <ir_version: 3, opset_import: ["" : 17]>
        g (float[2,6,9,11] x, float[8,6,3,3] w, float[8] b, float[8] s, float[8] o, float[8] m,
           float[8] v) => (float[2,8,9,11] y) {
          c = Conv <pads = [1, 1, 1, 1]> (x, w, b)
          va = Abs (v)
          n = BatchNormalization (c, s, o, m, va)
          r = Relu (n)
          d = Conv <pads = [1, 1, 1, 1]> (x, w)
          a = Add (d, r)
          y = Relu (a)
        }
        """),
    EngineNetwork(
      name: "statistics before convolutions of groups and without padding",
      inputs: [
        ("x", [2, 6, 9, 11]), ("w", [4, 3, 1, 1]), ("b", [4]), ("s", [6]), ("o", [6]), ("m", [6]),
        ("v", [6]), ("q", [4]), ("u", [5, 4, 3, 2]), ("k", [4, 1, 1]),
      ],
      text: """
        <ir_version: 3, opset_import: ["" : 17]>
        g (float[2,6,9,11] x, float[4,3,1,1] w, float[4] b, float[6] s, float[6] o, float[6] m,
           float[6] v, float[4] q, float[5,4,3,2] u, float[4,1,1] k) => (float[2,5,7,10] y, float[2,4,9,11] r) {
          va = Abs (v)
          n = BatchNormalization (x, s, o, m, va)
          c = Conv <group = 2> (n, w, b)
          qa = Abs (q)
          p = BatchNormalization (c, b, q, b, qa)
          r = Relu (p)
          f = Mul (r, k)
          d = Sub (f, k)
          y = Conv (d, u)
        }
        """),
    EngineNetwork(
      name: "statistics before zeros beside the input, and before two readers",
      inputs: [
        ("x", [2, 4, 9, 11]), ("w", [4, 4, 3, 3]), ("u", [4, 4, 1, 1]), ("s", [4]), ("o", [4]),
        ("m", [4]), ("v", [4]),
      ],
      text: """
        <ir_version: 3, opset_import: ["" : 17]>
        g (float[2,4,9,11] x, float[4,4,3,3] w, float[4,4,1,1] u, float[4] s, float[4] o,
           float[4] m, float[4] v) => (float[2,4,9,11] y, float[2,4,9,11] z) {
          va = Abs (v)
          n = BatchNormalization (x, s, o, m, va)
          c = Conv <auto_pad = "SAME_UPPER"> (n, w)
          r = Relu (c)
          p = BatchNormalization (r, s, o, m, va)
          y = Conv (p, u)
          z = Add (p, x)
        }
        """),
    EngineNetwork(
      name: "channel shuffle",
      inputs: [("x", [1, 8, 5, 7]), ("w", [8, 2, 1, 1])],
      text: """
        <ir_version: 3, opset_import: ["" : 17]>
        g (float[1,8,5,7] x, float[8,2,1,1] w) => (float[1,8,5,7] y)
        <int64[5] split = {1, 4, 2, 5, 7}, int64[4] join = {1, 8, 5, 7}> {
          c = Conv <group = 4> (x, w)
          t = Reshape (c, split)
          u = Transpose <perm = [0, 2, 1, 3, 4]> (t)
          f = Reshape (u, join)
          y = Conv <group = 4> (f, w)
        }
        """),
    EngineNetwork(
      name: "a column of audio",
      inputs: [("x", [2, 1, 70, 1]), ("w", [6, 1, 16, 1]), ("v", [5, 6, 5, 1])],
      text: """
        <ir_version: 3, opset_import: ["" : 13]>
        g (float[2,1,70,1] x, float[6,1,16,1] w, float[5,6,5,1] v) => (float[2,5,12,1] y) {
          c = Conv <strides = [4, 1], pads = [3, 0, 3, 0]> (x, w)
          r = Relu (c)
          y = Conv <pads = [0, 0, 0, 0]> (r, v)
        }
        """),
    EngineNetwork(
      name: "volume with a transposed convolution",
      inputs: [("x", [1, 2, 6, 7, 8]), ("w", [4, 2, 3, 3, 3]), ("u", [4, 3, 2, 2, 2])],
      text: """
        <ir_version: 3, opset_import: ["" : 13]>
        g (float[1,2,6,7,8] x, float[4,2,3,3,3] w, float[4,3,2,2,2] u) => (float[1,3,12,14,16] y) {
          c = Conv <pads = [1, 1, 1, 1, 1, 1]> (x, w)
          l = LeakyRelu (c)
          t = ConvTranspose <strides = [2, 2, 2]> (l, u)
          y = Tanh (t)
        }
        """),
    EngineNetwork(
      name: "classifier",
      inputs: [("x", [3, 5, 4, 4]), ("w", [6, 5, 3, 3]), ("f", [10, 24]), ("b", [10])],
      text: """
        <ir_version: 3, opset_import: ["" : 13]>
        g (float[3,5,4,4] x, float[6,5,3,3] w, float[10,24] f, float[10] b) => (float[3,10] y) {
          c = Conv (x, w)
          n = LRN <size = 3> (c)
          t = Flatten (n)
          z = Gemm <transB = 1> (t, f, b)
          y = Softmax (z)
        }
        """),
    EngineNetwork(
      name: "values that several read, under several names",
      inputs: [("x", [1, 5, 7, 7]), ("w", [5, 5, 3, 3])],
      text: """
        <ir_version: 3, opset_import: ["" : 13]>
        g (float[1,5,7,7] x, float[5,5,3,3] w) => (float[1,5,7,7] y, float[1,5,49] z)
        <int64[3] shape = {1, 5, 49}> {
          c = Conv <pads = [1, 1, 1, 1]> (x, w)
          i = Identity (c)
          r = Relu (c)
          s = Sum (r, i, r)
          n = Neg (s)
          z = Reshape (n, shape)
          d = Conv <pads = [1, 1, 1, 1]> (n, w)
          a = Abs (n)
          m = Max (d, a)
          t = Sub (i, m)
          y = Add (t, t)
        }
        """),
    EngineNetwork(
      name: "pools of planes",
      inputs: [("x", [2, 3, 21, 37]), ("z", [2, 5, 90])],
      text: """
        <ir_version: 3, opset_import: ["" : 13]>
        g (float[2,3,21,37] x, float[2,5,90] z)
          => (float[2,3,11,19] a, float[2,3,10,18] b, float[2,3,7,13] c, float[2,5,45] d) {
          a = MaxPool <kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> (x)
          b = AveragePool <kernel_shape = [2, 3], strides = [2, 2]> (x)
          c = AveragePool <kernel_shape = [3, 5], strides = [3, 3], pads = [0, 2, 0, 2],
                           count_include_pad = 1> (x)
          e = AveragePool <kernel_shape = [4], ceil_mode = 1, pads = [1, 1]> (z)
          d = MaxPool <kernel_shape = [2], strides = [2], ceil_mode = 1> (e)
        }
        """),
  ]
}
