import SurgeonIR
import SurgeonShapes
import Testing

/// Operators whose attributes became inputs, or whose meaning changed, from version to version.
struct OperatorVersionTests {
  /// The types of y, y1, y2, ... for one node that reads what is listed.
  private func infer(
    _ opType: String, opset: Int, _ inputs: [String], constants: [(Int, [Int64])] = [],
    floats: [(Int, [Float])] = [], _ attributes: [Attribute] = [], outputs: Int = 1,
    domain: String = ""
  ) throws -> [String] {
    var builder = ModelBuilder(opset: opset)
    if !domain.isEmpty {
      builder.model.header.opsetImports.append(OpsetImport(domain: domain, version: 1))
    }
    var names: [String] = []
    for (slot, type) in inputs.enumerated() {
      let name = type.isEmpty ? "" : "x\(slot)"
      if let numbers = constants.first(where: { $0.0 == slot })?.1 {
        builder.constant(name, Tensor(numbers))
      } else if let numbers = floats.first(where: { $0.0 == slot })?.1 {
        builder.constant(name, Tensor(numbers))
      } else if !type.isEmpty {
        builder.input(name, type)
      }
      names.append(name)
    }
    let results = (0..<outputs).map { "y\($0)" }
    builder.node(opType, names, results, attributes, domain: domain)
    let table = try ShapeInference.infer(builder.model)
    if let error = table.nodeErrors.first { return [error.detail ?? ""] }
    return results.map { builder.inferred($0, in: table) }
  }

  @Test func `Squeeze and Unsqueeze take axes as attribute and as input`() throws {
    for opset in [1, 11] {
      #expect(
        try infer("Squeeze", opset: opset, ["float[N, 1, 4]"], [.ints("axes", [1])])
          == ["float[N, 4]"])
      #expect(
        try infer("Unsqueeze", opset: opset, ["float[N]"], [.ints("axes", [0, 2])])
          == ["float[1, N, 1]"])
    }
    for opset in [13, 21, 25] {
      #expect(
        try infer("Squeeze", opset: opset, ["float[N, 1, 4]", "int64"], constants: [(1, [-2])])
          == ["float[N, 4]"])
      #expect(
        try infer("Unsqueeze", opset: opset, ["float[N]", "int64"], constants: [(1, [0, -1])])
          == ["float[1, N, 1]"])
    }
    #expect(try infer("Squeeze", opset: 13, ["float[1, 4, 1]"]) == ["float[4]"])
    #expect(try infer("Squeeze", opset: 13, ["float[1, N]"]) == ["float"])
  }

  @Test func `reductions take axes as attribute and as input`() throws {
    #expect(
      try infer("ReduceMean", opset: 13, ["float[N, 3, 4]"], [.ints("axes", [1, 2])])
        == ["float[N, 1, 1]"])
    #expect(
      try infer(
        "ReduceMean", opset: 18, ["float[N, 3, 4]", "int64"], constants: [(1, [-1])],
        [.int("keepdims", 0)]) == ["float[N, 3]"])
    #expect(
      try infer("ReduceSum", opset: 13, ["float[N, 3]"], [.int("keepdims", 0)]) == ["float[]"])
    #expect(
      try infer("ReduceSum", opset: 13, ["float[N, 3]"], [.int("noop_with_empty_axes", 1)])
        == ["float[N, 3]"])
    #expect(
      try infer("ReduceMax", opset: 20, ["float[N, 3]", "int64[K]"]) == ["float[?, ?]"])
  }

  @Test func `Pad takes pads under three spellings`() throws {
    let pads = [0, 1, 0, 2]
    #expect(
      try infer("Pad", opset: 1, ["float[N, 4]"], [.ints("paddings", pads)]) == ["float[N, 7]"])
    #expect(try infer("Pad", opset: 2, ["float[N, 4]"], [.ints("pads", pads)]) == ["float[N, 7]"])
    #expect(
      try infer("Pad", opset: 11, ["float[N, 4]", "int64"], constants: [(1, pads.map(Int64.init))])
        == ["float[N, 7]"])
    #expect(
      try infer(
        "Pad", opset: 18, ["float[N, 4]", "int64", "", "int64"],
        constants: [(1, [1, -1]), (3, [1])]) == ["float[N, 4]"])
  }

  @Test func `Slice takes bounds as attributes and as inputs`() throws {
    #expect(
      try infer(
        "Slice", opset: 1, ["float[N, 10]"],
        [.ints("starts", [2]), .ints("ends", [-1]), .ints("axes", [1])]) == ["float[N, 7]"])
    #expect(
      try infer(
        "Slice", opset: 10, ["float[N, 10]", "int64", "int64", "int64", "int64"],
        constants: [(1, [9]), (2, [-100]), (3, [1]), (4, [-3])]) == ["float[N, 4]"])
    #expect(
      try infer(
        "Slice", opset: 13, ["float[N, 10]", "int64", "int64"],
        constants: [(1, [0]), (2, [.max])]) == ["float[N, 10]"])
  }

  @Test func `Split takes sizes as attribute, as input, and as equal parts`() throws {
    #expect(
      try infer("Split", opset: 2, ["float[6]"], [.ints("split", [2, 4])], outputs: 2)
        == ["float[2]", "float[4]"])
    #expect(
      try infer("Split", opset: 13, ["float[6]", "int64"], constants: [(1, [1, 5])], outputs: 2)
        == ["float[1]", "float[5]"])
    #expect(
      try infer("Split", opset: 18, ["float[7]"], [.int("num_outputs", 3)], outputs: 3)
        == ["float[3]", "float[3]", "float[1]"])
    #expect(
      try infer("Split", opset: 13, ["float[7]"], outputs: 3)
        == ["7 does not divide into 3 equal parts"])
  }

  @Test func `BatchNormalization has five outputs before opset 14 and three from there on`() throws
  {
    let parameters = ["float[N, 8, 5]", "float[8]", "float[8]", "float[8]", "float[8]"]
    for opset in [7, 9, 13] {
      #expect(
        try infer("BatchNormalization", opset: opset, parameters, outputs: 5)
          == ["float[N, 8, 5]"] + Array(repeating: "float[8]", count: 4))
    }
    #expect(
      try infer(
        "BatchNormalization", opset: 15, parameters, [.int("training_mode", 1)], outputs: 3)
        == ["float[N, 8, 5]", "float[8]", "float[8]"])
    #expect(
      try infer(
        "BatchNormalization", opset: 15,
        ["float[N, 8]", "float[8]", "float[8]", "float[8]", "float[7]"])
        == [
          "input 4 'x4' of shape [7] is no parameter for the channels of input 0 'x0' of shape "
            + "[N, 8]"
        ])
  }

  @Test func `Upsample and Resize scale by attributes and by inputs`() throws {
    let scales: [Float] = [1, 1, 2, 1.5]
    #expect(
      try infer(
        "Upsample", opset: 7, ["float[N, 3, 4, 5]"], [Attribute("scales", .floats(scales))])
        == ["float[N, 3, 8, 7]"])
    for (opType, opset, slot) in [("Upsample", 9, 1), ("Resize", 10, 1), ("Resize", 13, 2)] {
      let inputs = ["float[N, 3, 4, 5]"] + Array(repeating: "", count: slot - 1) + ["float"]
      #expect(
        try infer(opType, opset: opset, inputs, floats: [(slot, scales)]) == ["float[N, 3, 8, 7]"])
    }
    #expect(
      try infer(
        "Resize", opset: 18, ["float[N, 3, 4, 5]", "", "", "int64"], constants: [(3, [9, 9])],
        [.ints("axes", [2, 3])]) == ["float[N, 3, 9, 9]"])
    #expect(
      try infer(
        "Resize", opset: 18, ["float[1, 1, 4, 8]", "", "", "int64"], constants: [(3, [8, 8])],
        [.ints("axes", [2, 3]), .string("keep_aspect_ratio_policy", "not_larger")])
        == ["float[1, 1, 4, 8]"])
  }

  @Test func `Dropout's mask changed its type with opset 10`() throws {
    #expect(
      try infer("Dropout", opset: 7, ["float[N, 2]"], outputs: 2) == ["float[N, 2]", "float[N, 2]"])
    #expect(
      try infer("Dropout", opset: 13, ["float[N, 2]"], outputs: 2) == ["float[N, 2]", "bool[N, 2]"])
  }

  @Test func `before opset 7 the second operand broadcasts to the first`() throws {
    #expect(
      try infer(
        "Add", opset: 6, ["float[2, 3, 4]", "float[3]"], [.int("broadcast", 1), .int("axis", 1)])
        == ["float[2, 3, 4]"])
    #expect(
      try infer("Add", opset: 7, ["float[2, 3, 4]", "float[3]"])
        == ["input 1 'x1' of shape [3] does not broadcast with input 0 'x0' of shape [2, 3, 4]"])
  }

  @Test func `pooling rounds up only while the last window starts inside`() throws {
    func pool(_ size: Int, pads: [Int], ceil: Int) throws -> [String] {
      try infer(
        "MaxPool", opset: 12, ["float[1, 1, \(size)]"],
        [
          .ints("kernel_shape", [2]), .ints("strides", [2]), .ints("pads", pads),
          .int("ceil_mode", ceil),
        ])
    }
    #expect(try pool(5, pads: [0, 0], ceil: 0) == ["float[1, 1, 2]"])
    #expect(try pool(5, pads: [0, 0], ceil: 1) == ["float[1, 1, 3]"])
    #expect(try pool(4, pads: [0, 1], ceil: 1) == ["float[1, 1, 2]"])
  }

  @Test func `SAME padding keeps a named size where the stride is 1`() throws {
    let w = "float[4, 3, 3, 3]"
    #expect(
      try infer("Conv", opset: 11, ["float[N, 3, H, W]", w], [.string("auto_pad", "SAME_UPPER")])
        == ["float[N, 4, H, W]"])
    #expect(
      try infer(
        "Conv", opset: 11, ["float[N, 3, 7, W]", w],
        [.string("auto_pad", "SAME_LOWER"), .ints("strides", [2, 2])]) == ["float[N, 4, 4, ?]"])
    #expect(
      try infer(
        "ConvTranspose", opset: 11, ["float[N, 4, 7, 7, 7]", "float[4, 2, 2, 2, 2]"],
        [.ints("strides", [2, 2, 2]), .int("group", 2)]) == ["float[N, 4, 14, 14, 14]"])
  }

  @Test func `operators of other domains are found by their domain`() throws {
    #expect(
      try infer(
        "Scaler", opset: 17, ["int64[N, 4]"], domain: "ai.onnx.ml") == ["float[N, 4]"])
    #expect(try infer("Scaler", opset: 17, ["int64[N, 4]"], domain: "com.example") == [""])
    #expect(try infer("Relu", opset: 17, ["float[N, 4]"], domain: "ai.onnx") == ["float[N, 4]"])
    #expect(
      try infer(
        "Gradient", opset: 17, ["float[N, 4]"], domain: "ai.onnx.preview.training")
        == ["float[N, 4]"])
  }
}
