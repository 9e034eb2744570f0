internal import SurgeonData
internal import SurgeonIR
internal import Testing

struct DataSourceTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func first(_ source: any SampleSource, _ index: Int) throws -> [Float]? {
    try source.sample(index)["x"]?.tensor?.elements(as: Float.self)
  }

  @Test func `a multiple of the batch dimension is several samples`() throws {
    let path = try scratch.write(floats([1, 2, 3, 4, 5, 6], "(6, 1)"), to: "x.npy")
    let fixed = try DataSource.open(path, inputs: [input("x", [.known(2), .known(1)])])
    #expect(fixed.count == 3)
    #expect(try first(fixed, 2) == [5, 6])
    let named = [input("x", [.symbolic("N"), .known(1)])]
    #expect(try DataSource.open(path, inputs: named).count == 1)
    let options = DataOptions(dimensions: ["N": 3])
    #expect(try DataSource.open(path, inputs: named, options: options).count == 2)
    #expect(try DataSource.open(path, inputs: named, options: DataOptions(batchSize: 1)).count == 6)
  }

  @Test func `the last batch has what is left`() throws {
    let path = try scratch.write(floats([1, 2, 3, 4, 5], "(5, 1)"), to: "x.npy")
    let source = try DataSource.open(
      path, inputs: [input("x", [.symbolic("N"), .known(1)])], options: DataOptions(batchSize: 3))
    #expect(source.count == 2)
    #expect(try first(source, 0) == [1, 2, 3])
    #expect(try first(source, 1) == [4, 5])
  }

  @Test func `an array of one sample goes into every sample`() throws {
    try scratch.write(floats([1, 2], "(2, 1)"), to: "x.npy")
    try scratch.write(floats([9], "(1,)"), to: "s.npy")
    let inputs = [input("x", [.known(1), .known(1)]), input("s", [.known(1)])]
    let source = try DataSource.open(scratch.path, inputs: inputs)
    #expect(source.count == 2)
    #expect(try source.sample(1)["s"]?.tensor?.elements(as: Float.self) == [9])
  }

  @Test func `files of a directory follow one another in the order of their numbers`() throws {
    for index in [10, 2, 1] {
      try scratch.write(floats([Float(index)], "(1, 1)"), to: "patch\(index).npy")
    }
    let source = try DataSource.open(scratch.path, inputs: [input("x", [.known(1), .known(1)])])
    #expect(try (0..<3).map { try first(source, $0) } == [[1], [2], [10]])
  }

  @Test func `arrays that no input takes are named once`() throws {
    let x = Tensor([1, 2] as [Float], shape: [1, 2])
    let inputs = [input("x", [.known(1), .known(2)]), input("s", nil, hasDefault: true)]
    for name in ["a", "b"] {
      try scratch.write([], to: "set/\(name).npz")
      try Npz.write([("x", x), ("labels", x), (name, x)], to: "\(scratch.path)/set/\(name).npz")
    }
    let set = try DataSource.open(scratch.path + "/set", inputs: inputs)
    #expect(set.unusedArrays == ["labels", "a", "b"])
    for name in ["x", "s", "t"] {
      try scratch.write(floats([1, 2], "(1, 2)"), to: "named/\(name).npy")
    }
    #expect(
      try DataSource.open(scratch.path + "/named", inputs: inputs).unusedArrays == ["t.npy"])
    try Npz.write([("arr_0", x), ("arr_1", x), ("arr_2", x)], to: scratch.path + "/by.npz")
    #expect(
      try DataSource.open(scratch.path + "/by.npz", inputs: inputs).unusedArrays == ["arr_2"])
  }

  @Test func `a sample of a directory knows its file`() throws {
    for index in [10, 2] {
      try scratch.write(floats([Float(index)], "(1, 1)"), to: "patch\(index).npy")
    }
    let source = try DataSource.open(scratch.path, inputs: [input("x", [.known(1), .known(1)])])
    #expect(source.place(of: 1) == "\(scratch.path)/patch10.npy")
  }

  @Test func `test data of another shape are refused`() throws {
    // A TensorProto: dims 2, data_type FLOAT, float_data 1, 2.
    let path = try scratch.write(
      [0x08, 0x02, 0x10, 0x01, 0x22, 0x08, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40], to: "input_0.pb")
    let fits = try DataSource.open(scratch.path, inputs: [input("x", [.symbolic("N")])])
    #expect(try first(fits, 0) == [1, 2])
    let source = try DataSource.open(scratch.path, inputs: [input("x", [.known(1)])])
    #expect(
      message { _ = try source.sample(0) } == """
        error: input 'x' has the wrong shape
          at \(path): the tensor is [2], the model wants float[1]
        """)
  }

  @Test func `directories of a directory are sets one after the other`() throws {
    try scratch.write(floats([1, 2], "(2,)"), to: "set_0/x.npy")
    try scratch.write(floats([3], "(1,)"), to: "set_1/x.npy")
    try scratch.write([], to: "notes/readme.txt")
    let source = try DataSource.open(scratch.path, inputs: [input("x", [.known(1)])])
    #expect(source.count == 3)
    #expect(try first(source, 2) == [3])
    #expect(try first(source, 0) == [1])
  }

  @Test func `test data of a model without inputs are one sample`() throws {
    try scratch.write([], to: "output_0.pb")
    let source = try DataSource.open(scratch.path, inputs: [])
    #expect(source.count == 1)
    #expect(try source.sample(0).isEmpty)
  }

  @Test func `outputs alone are no data for a model with inputs`() throws {
    try scratch.write([], to: "output_0.pb")
    #expect(throws: SurgeonError.self) {
      try DataSource.open(scratch.path, inputs: [input("x", nil)])
    }
  }

  @Test func `a misfit is told with both shapes`() throws {
    let path = try scratch.write(floats([1, 2, 3], "(3,)"), to: "x.npy")
    let text = message {
      _ = try DataSource.open(path, inputs: [input("x", [.symbolic("N"), .known(3)])])
    }
    #expect(
      text == """
        error: input 'x' has the wrong shape
          at \(path): the array is [3], the model wants float[N, 3]
        hint: add the batch dimension, such as array[None]
        """)
  }

  @Test func `a wrong type is told with the conversion`() throws {
    let path = try scratch.write(floats([1], "(1,)"), to: "x.npy")
    let text = message { _ = try DataSource.open(path, inputs: [input("x", .float64, [.unknown])]) }
    #expect(
      text == """
        error: input 'x' has the wrong type
          at \(path): the array is float, the model wants double[?]
        hint: convert it before saving, such as array.astype("float64")
        """)
  }

  @Test(arguments: [
    ("(0, 2)", [] as [Float], "is empty"),
    ("(3, 2)", [1, 2, 3, 4, 5, 6], "must be a multiple of 2"),
    ("(2, 3)", [1, 2, 3, 4, 5, 6], "wrong shape"),
  ])
  func `an array that does not divide into samples is refused`(
    shape: String, numbers: [Float], part: String
  ) throws {
    let path = try scratch.write(floats(numbers, shape), to: "x.npy")
    let text = message {
      _ = try DataSource.open(path, inputs: [input("x", [.known(2), .known(2)])])
    }
    #expect(text?.contains(part) == true, "\(text ?? "no error")")
  }

  @Test func `different numbers of samples are refused`() throws {
    try scratch.write(floats([1, 2], "(2,)"), to: "x.npy")
    try scratch.write(floats([1, 2, 3], "(3,)"), to: "y.npy")
    let text = message {
      _ = try DataSource.open(
        scratch.path, inputs: [input("x", [.known(1)]), input("y", [.known(1)])])
    }
    #expect(text?.contains("'x' 2, 'y' 3") == true, "\(text ?? "no error")")
  }

  @Test(arguments: ["nowhere.npy", "nowhere.npz", "nowhere", "x.txt", "empty"])
  func `what is no data is refused`(name: String) throws {
    try scratch.write([1], to: "x.txt")
    try scratch.write([], to: "empty/notes")
    #expect(throws: SurgeonError.self) {
      try DataSource.open("\(scratch.path)/\(name)", inputs: [input("x", nil)])
    }
  }

  @Test func `below IR version 4 initializers are no inputs`() {
    var model = Model(header: .init(irVersion: 3, opsetImports: [.init(domain: "", version: 8)]))
    for name in ["x", "w"] {
      model.addInput(model.addValue(named: name, in: model.mainGraph))
    }
    let weight = model[model.mainGraph].inputs[1]
    model.setInitializer(Tensor([1 as Float]), of: weight)
    #expect(ModelInput.all(of: model).map(\.name) == ["x"])
    model.header.irVersion = 4
    #expect(ModelInput.all(of: model).map(\.hasDefault) == [false, true])
  }
}
