import SurgeonIR
import SurgeonRuntime
import Testing

struct OperatorTests {
  @Test func `operands of opset 6 stretch only where the node says so`() throws {
    let a = floats([1, 2, 3, 4, 5, 6], [1, 2, 3])
    let b = floats([10, 20], [2])
    let y = try run("Add", [a, b], [.int("broadcast", 1), .int("axis", 1)], opset: 6)
    #expect(y[0].floats == [11, 12, 13, 24, 25, 26])
  }

  @Test func `softmax flattens from its axis on before opset 13`() throws {
    let zeros = floats([0, 0, 0, 0], [1, 2, 2])
    #expect(try run("Softmax", [zeros], opset: 12)[0].floats == [0.25, 0.25, 0.25, 0.25])
    #expect(try run("Softmax", [zeros], opset: 13)[0].floats == [0.5, 0.5, 0.5, 0.5])
  }

  @Test func `a slice runs backwards with a negative step`() throws {
    let y = try run(
      "Slice",
      [
        floats([1, 2, 3, 4], [4]), Tensor([Int64(-1)]), Tensor([Int64.min]), nil,
        Tensor([Int64(-2)]),
      ])
    #expect(y[0].floats == [4, 2])
  }

  @Test func `the average of a padded window counts what the node says`() throws {
    let x = floats([3, 3], [1, 1, 2])
    let attributes: [Attribute] = [.ints("kernel_shape", [2]), .ints("pads", [1, 0])]
    #expect(try run("AveragePool", [x], attributes)[0].floats == [3, 3])
    let counted = attributes + [.int("count_include_pad", 1)]
    #expect(try run("AveragePool", [x], counted)[0].floats == [1.5, 3])
  }

  @Test func `a max pool tells where it found the largest`() throws {
    let y = try run(
      "MaxPool", [floats([1, 5, 2, 7], [1, 1, 4])],
      [.ints("kernel_shape", [2]), .ints("strides", [2])], outputs: 2)
    #expect(y[0].floats == [5, 7])
    #expect(y[1].integers == [1, 3])
  }

  @Test func `a transposed convolution adds the kernel for each input`() throws {
    let y = try run(
      "ConvTranspose", [floats([1, 2], [1, 1, 2]), floats([1, 10], [1, 1, 2])],
      [.ints("strides", [1])])
    #expect(y[0].floats == [1, 12, 20])
  }

  @Test func `half precision is computed in Float32 and rounded once`() throws {
    let x = Tensor(rounding: [1, 2048], to: .float16, shape: [2])
    let y = try run("ReduceSum", [x], opset: 13)
    // 2049 lies between two float16 numbers; the tie goes to the even one.
    #expect(y[0].elementType == .float16)
    #expect(try y[0].float64Elements() == [2048])
  }

  @Test func `double precision keeps what Float32 would lose`() throws {
    var options = SessionOptions()
    options.precision = .double
    let y = try run("Add", [floats([1], [1]), floats([1e-12], [1])], options: options)
    #expect(y[0].doubles == [1 + Double(Float(1e-12))])
  }

  @Test func `dividing an integer by zero does not stop the program`() throws {
    let y = try run("Div", [Tensor([Int64(7)]), Tensor([Int64(0)])])
    #expect(y[0].integers == [0])
  }

  @Test(arguments: SessionOptions.Engine.allCases, [1, 2])
  func `products and convolutions may have no results`(
    engine: SessionOptions.Engine, threads: Int
  ) throws {
    var options = SessionOptions()
    (options.engine, options.threads) = (engine, threads)
    func shape(_ opType: String, _ inputs: [[Int]]) throws -> [Int] {
      let tensors = inputs.map { floats(Array(repeating: 1, count: $0.reduce(1, *)), $0) }
      let attributes: [Attribute] = opType == "MatMul" ? [] : [.ints("strides", [1, 1])]
      let results = try run(opType, tensors, attributes, options: options)
      return try #require(results.first).shape
    }
    #expect(try shape("MatMul", [[2, 0, 3, 4], [4, 5]]) == [2, 0, 3, 5])
    #expect(try shape("MatMul", [[0, 3, 4], [0, 4, 5]]) == [0, 3, 5])
    #expect(try shape("Conv", [[0, 3, 5, 5], [4, 3, 3, 3]]) == [0, 4, 3, 3])
    #expect(try shape("Conv", [[2, 3, 5, 5], [0, 3, 3, 3]]) == [2, 0, 3, 3])
    #expect(try shape("ConvTranspose", [[0, 3, 5, 5], [3, 4, 2, 2]]) == [0, 4, 6, 6])
    #expect(try shape("ConvTranspose", [[2, 3, 5, 5], [3, 0, 2, 2]]) == [2, 0, 6, 6])
  }

  @Test func `shapes that do not fit are reported with the node and what it got`() {
    let error = #expect(throws: SurgeonError.self) {
      try run("MatMul", [floats([1, 2], [1, 2]), floats([1, 2, 3], [3, 1])])
    }
    #expect(error?.location == ["node 'node' (MatMul)"])
    #expect(error?.message == "matrices [1, 2] and [3, 1] do not multiply")
    #expect(error?.detail == "opset 21, inputs float[1,2], float[3,1]")
  }

  @Test(arguments: SessionOptions.Engine.allCases)
  func `a node without its input is an error in either engine`(engine: SessionOptions.Engine) {
    var options = SessionOptions()
    options.engine = engine
    for operation in ["Identity", "Relu", "Conv", "Concat", "Sum", "Shape"] {
      #expect(throws: SurgeonError.self, "\(operation)") {
        try run(operation, [], options: options)
      }
    }
  }

  @Test func `a shape beyond the machine's memory is an error`() {
    #expect(throws: SurgeonError.self) {
      try run("ConstantOfShape", [Tensor([Int64(1) << 40, Int64(1) << 40])])
    }
    #expect(throws: SurgeonError.self) {
      try run("Expand", [floats([1], [1]), Tensor([Int64(1) << 40])])
    }
  }

  @Test func `an operator that its opset no longer has is named`() {
    let error = #expect(throws: SurgeonError.self) {
      try run("Scatter", [floats([1], [1]), Tensor([Int64(0)]), floats([2], [1])], opset: 13)
    }
    #expect(error?.code == .unsupportedOperator)
    #expect(error?.detail == "it is gone from version 11 on")
  }

  @Test func `a block larger than the tensor is one block`() throws {
    let y = try run(
      "DequantizeLinear", [Tensor([UInt8(1), 2]), floats([2], [1])],
      [.int("axis", 0), .int("block_size", .max)], opset: 21)
    #expect(y[0].floats == [2, 4])
  }

  @Test func `numbers at the end of their range are refused where arithmetic would overflow`() {
    let x = floats([1, 2], [1, 2, 1])
    let none = floats([], [1, 0, 1])
    for (operators, inputs, attributes) in [
      ("Conv", [x, floats([1, 1], [1, 2, 1])], [Attribute.int("group", .max)]),
      ("ConvTranspose", [none, floats([], [0, 2, 1])], [.int("group", .max)]),
      ("ConvTranspose", [x, floats([1, 1], [2, 1, 1])], [.ints("output_shape", [.min])]),
      ("GroupNormalization", [none, floats([], [0]), floats([], [0])], [.int("num_groups", .max)]),
      (
        "TfIdfVectorizer", [Tensor([Int64(1)])],
        [
          .string("mode", "TF"), .int("min_gram_length", 1), .int("max_gram_length", 1),
          .ints("ngram_counts", [0]), .ints("ngram_indexes", [.max]), .ints("pool_int64s", [1]),
          .int("max_skip_count", 0),
        ]
      ),
    ] {
      #expect(throws: SurgeonError.self, "\(operators)") { try run(operators, inputs, attributes) }
    }
  }

  @Test func `pads beyond all memory are refused before anything is made`() {
    let pads = Tensor([Int64(0), 1 << 31, 1 << 31, 0])
    let error = #expect(throws: SurgeonError.self) {
      try run("Pad", [floats([1], [1, 1]), pads], opset: 13)
    }
    #expect(error?.message == "no tensor can have the shape [2147483649, 2147483649]")
  }

  @Test func `a shape without elements is refused where its strides would overflow`() {
    let shape = Tensor([Int64(0), 1 << 62, 4])
    let error = #expect(throws: SurgeonError.self) { try run("ConstantOfShape", [shape]) }
    #expect(error?.message == "no tensor can have the shape [0, 4611686018427387904, 4]")
  }

  @Test func `the number of threads changes no bit`() throws {
    let x = floats((0..<(2 * 16 * 24 * 24)).map { Float(($0 * 7919) % 101) / 7 }, [2, 16, 24, 24])
    let w = floats((0..<(24 * 16 * 9)).map { Float(($0 * 104_729) % 97) / 11 - 4 }, [24, 16, 3, 3])
    var results: [[Float]?] = []
    for threads in [1, 2, 3] {
      var options = SessionOptions()
      options.engine = .reference
      options.threads = threads
      results.append(try run("Conv", [x, w], options: options)[0].floats)
    }
    #expect(results[0] == results[1] && results[1] == results[2])
  }

  @Test func `a random operator follows the session's seed`() throws {
    func draw(_ seed: UInt64) throws -> [Float]? {
      var options = SessionOptions()
      options.seed = seed
      return try run("RandomUniformLike", [floats([0, 0, 0], [3])], options: options)[0].floats
    }
    #expect(try draw(1) == draw(1))
    #expect(try draw(1) != draw(2))
  }
}
