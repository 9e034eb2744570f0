extension EngineNetwork {
  /// Networks that move, leave out and repeat elements.
  static let movement = [
    EngineNetwork(
      name: "pads, slices and blocks of pixels",
      inputs: [
        ("x", [2, 6, 8, 10]), ("w", [8, 6, 3, 3]), ("v", [8, 8, 1, 1]), ("u", [2, 8, 1, 1]),
      ],
      text: """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[2,6,8,10] x, float[8,6,3,3] w, float[8,8,1,1] v, float[2,8,1,1] u)
          => (float[2,8,9,11] y, float[2,2,16,20] z, float[2,2,16,20] o, float[2,32,4,5] q,
              float[2,6,11,13] r)
        <int64[8] pads = {0, 0, 1, 2, 0, 0, 2, 1}, int64[2] starts = {1, 2},
         int64[2] ends = {10, 13}, int64[2] axes = {2, 3}, int64[4] shape = {2, 8, 9, 11},
         float small = {0.05}> {
          large = Conv <pads = [1, 1, 1, 1]> (x, w)
          c = Mul (large, small)
          a = Pad <mode = "reflect"> (c, pads)
          b = Pad <mode = "edge"> (c, pads)
          d = Pad (c, pads)
          e = Sum (a, b, d)
          f = Slice (e, starts, ends, axes)
          h = Relu (f)
          i = Conv (h, v)
          j = Mul (i, small)
          p = Expand (u, shape)
          y = Sum (f, j, p)
          z = DepthToSpace <blocksize = 2> (c)
          o = DepthToSpace <blocksize = 2, mode = "CRD"> (c)
          q = SpaceToDepth <blocksize = 2> (c)
          r = Pad <mode = "reflect"> (x, pads)
        }
        """),
    EngineNetwork(
      name: "the resampling of opset 9",
      inputs: [("x", [1, 6, 5, 7]), ("w", [8, 6, 3, 3])],
      text: """
        <ir_version: 3, opset_import: ["" : 9]>
        g (float[1,6,5,7] x, float[8,6,3,3] w) => (float[1,8,10,21] y)
        <float[4] scales = {1, 1, 2, 3}> {
          c = Conv <pads = [1, 1, 1, 1]> (x, w)
          a = Upsample <mode = "nearest"> (c, scales)
          b = Upsample <mode = "linear"> (c, scales)
          y = Add (a, b)
        }
        """),
    EngineNetwork(
      name: "split, concat, pools and resize",
      inputs: [("x", [1, 4, 10, 12]), ("w", [8, 4, 3, 3])],
      text: """
        <ir_version: 3, opset_import: ["" : 13]>
        g (float[1,4,10,12] x, float[8,4,3,3] w) => (float[1,20,12,14] y)
        <float[4] scales = {1, 1, 2, 2}, int64[8] pads = {0, 0, 1, 1, 0, 0, 1, 1}> {
          c = Conv <strides = [2, 2], pads = [1, 1, 1, 1]> (x, w)
          a, b = Split <axis = 1> (c)
          m = MaxPool <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (a)
          v = AveragePool <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (b)
          d = Sub (a, b)
          k = Concat <axis = 1> (m, v, d, c)
          r = Resize <mode = "linear"> (k, , scales)
          y = Pad (r, pads)
        }
        """),
  ]
}
