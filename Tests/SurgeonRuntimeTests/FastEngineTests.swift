import SurgeonFormat
import SurgeonIR
import SurgeonRuntime
import Testing

/// The fast engine against the reference engine, on graphs that mix arrangements.
@Suite struct FastEngineTests {
  struct Network: Sendable, CustomTestStringConvertible {
    let name: String
    let inputs: [(name: String, shape: [Int])]
    let text: String
    var testDescription: String { name }
  }

  static let networks = [
    Network(
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
    Network(
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
    Network(
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
    Network(
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
    Network(
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
    Network(
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
    Network(
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
    Network(
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
    Network(
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
    Network(
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
    Network(
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
    Network(
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
    Network(
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
    Network(
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
    Network(
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
    Network(
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
    Network(
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
    Network(
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
  ]

  /// The model, with every input but the first a constant where `isConstant` is set. (Up to IR
  /// version 3 an initializer that is also an input is a constant.)
  private func model(_ network: Network, constants isConstant: Bool) throws -> Model {
    var model = try OnnxText.parse(network.text)
    guard isConstant else { return model }
    for (index, input) in network.inputs.enumerated().dropFirst() {
      let value = try #require(
        model[model.mainGraph].inputs.first { model[$0].name == input.name })
      model.setInitializer(tensor(input.shape, seed: index), of: value)
    }
    return model
  }

  private func tensor(_ shape: [Int], seed: Int) -> Tensor {
    var state = UInt32(truncatingIfNeeded: (seed + 1) &* 2_654_435_761)
    let numbers = (0..<shape.reduce(1, *)).map { _ -> Float in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(Int(state >> 16) % 2000 - 1000) / 700
    }
    return Tensor(numbers, shape: shape)
  }

  private func outputs(
    _ network: Network, constants: Bool, _ change: (inout SessionOptions) -> Void
  ) throws -> [Float] {
    var options = SessionOptions()
    change(&options)
    let session = try Session(try model(network, constants: constants), options: options)
    var inputs: [String: Datum] = [:]
    for (index, input) in network.inputs.enumerated() where !constants || index == 0 {
      inputs[input.name] = .tensor(tensor(input.shape, seed: index))
    }
    // Twice, because the second run takes what the first has cached.
    _ = try session.run(inputs)
    var numbers: [Float] = []
    for output in try session.run(inputs) {
      numbers += try #require(try output.value.tensor?.elements(as: Float.self))
    }
    return numbers
  }

  private func distance(_ a: [Float], _ b: [Float]) -> Float {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) / (1 + abs($1)) }.max() ?? 0 : .infinity
  }

  @Test(arguments: networks, [false, true])
  func `the fast engine agrees with the reference engine`(
    network: Network, constants: Bool
  ) throws {
    let expected = try outputs(network, constants: constants) { $0.engine = .reference }
    let fast = try outputs(network, constants: constants) { $0.engine = .fast }
    #expect(distance(fast, expected) < 2e-5)
  }

  @Test(arguments: networks, [false, true])
  func `fused operators agree with the reference engine`(
    network: Network, constants: Bool
  ) throws {
    let expected = try outputs(network, constants: constants) { $0.engine = .reference }
    let fused = try outputs(network, constants: constants) { $0.optimize = true }
    #expect(distance(fused, expected) < 2e-5)
  }

  @Test(arguments: networks)
  func `the number of threads changes no bit`(network: Network) throws {
    let single = try outputs(network, constants: true) { $0.threads = 1 }
    for threads in [2, 3] {
      let several = try outputs(network, constants: true) { $0.threads = threads }
      #expect(single.map(\.bitPattern) == several.map(\.bitPattern))
    }
  }

  @Test func `fusion leaves one step where statistics and activation follow a convolution`() throws
  {
    var options = SessionOptions()
    options.optimize = true
    let network = Self.networks[0]
    let session = try Session(try model(network, constants: true), options: options)
    var steps: [String] = []
    _ = try session.run(["x": .tensor(tensor(network.inputs[0].shape, seed: 0))]) {
      steps.append("\($0.opType) \($0.engine)")
    }
    #expect(steps == ["Relu oneDNN, fused", "Relu oneDNN, fused"])
  }

  @Test func `fusion leaves one step of squeeze and excitation`() throws {
    var options = SessionOptions()
    options.optimize = true
    let network = try #require(
      Self.networks.first { $0.name == "squeeze and excitation of two layers" })
    let session = try Session(try model(network, constants: true), options: options)
    var steps: [String] = []
    _ = try session.run(["x": .tensor(tensor(network.inputs[0].shape, seed: 0))]) {
      steps.append("\($0.opType) \($0.engine)")
    }
    #expect(steps == ["Conv oneDNN", "Mul oneDNN, fused", "Conv oneDNN"])
  }

  @Test func `nothing is fused unless asked`() throws {
    let network = Self.networks[0]
    let session = try Session(try model(network, constants: true))
    var steps: [String] = []
    _ = try session.run(["x": .tensor(tensor(network.inputs[0].shape, seed: 0))]) {
      steps.append($0.opType)
    }
    #expect(steps == ["Conv", "BatchNormalization", "Relu", "Conv", "Add", "Relu"])
  }
}
