internal import SurgeonIR
internal import SurgeonRules
internal import Testing

struct BatchNormalizationParametersTests {
  private func parameters(
    of model: Model, trustsDefaults: Bool = false
  ) throws -> BatchNormalizationParameters {
    let node = try #require(model.first("BatchNormalization"))
    let norm = try #require(try BatchNormalization(node, in: model))
    return try BatchNormalizationParameters(of: norm, in: model, trustsDefaults: trustsDefaults)
  }

  private func reason(_ model: Model) -> String {
    do {
      _ = try parameters(of: model)
      return "none"
    } catch let error as SurgeonError {
      return "\(error.message): \(error.detail ?? "")"
    } catch {
      return "\(error)"
    }
  }

  @Test func `initializers that are inputs are constants below IR version 4 only`() throws {
    var old = ModelBuilder(opset: 8, irVersion: 3)
    let x = old.input("x", [1, 1])
    old.output(old.batchNorm(x, "y", gamma: [2], beta: [3], mean: [4], variance: [5]))
    #expect(try parameters(of: old.model).gamma == [2])

    var new = ModelBuilder(opset: 9, irVersion: 4)
    let x4 = new.input("x", [1, 1])
    new.output(new.batchNorm(x4, "y", gamma: [2], beta: [3], mean: [4], variance: [5]))
    let gamma = try #require(new.model.value(named: "y_gamma", in: new.graph))
    new.model.addInput(gamma)
    #expect(
      reason(new.model)
        == "gamma 'y_gamma' is not a constant: it is a default that a caller may override")
    #expect(try parameters(of: new.model, trustsDefaults: true).gamma == [2])
  }

  @Test func `parameters come from Constant, ConstantOfShape and Identity nodes too`() throws {
    var builder = ModelBuilder(opset: 9)
    let x = builder.input("x", [1, 2])
    let gamma = builder.op("Constant", [], "g", [.tensor("value", Tensor([Float(2), 3]))])
    let shape = builder.model.addValue(named: "shape", in: builder.graph)
    builder.model.setInitializer(Tensor([Int64(2)]), of: shape)
    let ones = builder.op(
      "ConstantOfShape", [shape], "ones", [.tensor("value", Tensor([Float(1)]))])
    let zeros = builder.op("ConstantOfShape", [shape], "zeros")
    let same = builder.op("Identity", [zeros], "same")
    builder.output(builder.op("BatchNormalization", [x, gamma, zeros, same, ones], "y"))
    let read = try parameters(of: builder.model)
    #expect(read.gamma == [2, 3])
    #expect(read.beta == [0, 0])
    #expect(read.mean == [0, 0])
    #expect(read.variance == [1, 1])
  }

  @Test func `a computed parameter is declined by name`() {
    var builder = ModelBuilder(opset: 9)
    let x = builder.input("x", [1, 1])
    let one = builder.constant("one", [1])
    let computed = builder.op("Sqrt", [one], "root")
    builder.output(builder.op("BatchNormalization", [x, computed, one, one, one], "y"))
    #expect(
      reason(builder.model)
        == "gamma 'root' is not a constant: node 'root_node' (Sqrt) computes it")
  }

  @Test func `a variance that leaves no positive number under the root is declined`() {
    var builder = ModelBuilder(opset: 9)
    let x = builder.input("x", [1, 2])
    builder.output(
      builder.batchNorm(x, "y", gamma: [1, 1], beta: [0, 0], mean: [0, 0], variance: [1, -1]))
    #expect(
      reason(builder.model)
        == "var + epsilon is not positive: var[1] = -1.0, epsilon = 9.999999747378752e-06")
  }

  @Test func `parameters of different lengths are an invalid node`() {
    var builder = ModelBuilder(opset: 9)
    let x = builder.input("x", [1, 2])
    builder.output(
      builder.batchNorm(x, "y", gamma: [1, 1], beta: [0, 0], mean: [0], variance: [1, 1]))
    #expect(
      reason(builder.model)
        == "the parameters of a BatchNormalization have one shape: "
        + "scale [2], B [2], mean [1], var [2]")
  }

  @Test func `spatial = 0 reads parameters per position`() throws {
    var builder = ModelBuilder(opset: 8)
    let x = builder.input("x", [1, 1, 2])
    builder.output(
      builder.batchNorm(
        x, "y", gamma: [1, 2], beta: [3, 4], mean: [5, 6], variance: [7, 8], shape: [1, 2],
        attributes: [.int("spatial", 0)]))
    #expect(try parameters(of: builder.model).shape == [1, 2])
  }
}
