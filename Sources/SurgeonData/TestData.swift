internal import SurgeonFormat
internal import SurgeonIR

/// An ONNX test-data directory: `input_0.pb`, `input_1.pb`, ... in the order of the model's inputs.
/// It holds one sample.
struct TestData: SampleSource {
  private var files: [(input: ModelInput, path: String)] = []
  private let dimensions: [String: Int]
  let count = 1

  /// - Parameter dimensions: sizes of symbolic dimensions by name.
  init(
    path: String, names: [String], inputs: [ModelInput], dimensions: [String: Int]
  ) throws(SurgeonError) {
    self.dimensions = dimensions
    for name in names {
      guard let index = Self.index(of: name) else { continue }
      guard index < inputs.count else {
        throw SurgeonError(
          .invalidData, "there is data for an input that the model does not have", at: [path],
          detail: "\(name), where the model has \(inputs.count) inputs")
      }
      files.append((inputs[index], "\(path)/\(name)"))
    }
    let given = Set(files.map(\.input.name))
    for (index, input) in inputs.enumerated() where !input.hasDefault && !given.contains(input.name)
    {
      throw SurgeonError(
        .invalidData, "no data for input '\(input.name)'", at: [path],
        detail: "input_\(index).pb is missing")
    }
  }

  func sample(_ index: Int) throws(SurgeonError) -> [String: Datum] {
    var sample: [String: Datum] = [:]
    for (input, path) in files {
      let datum = try DatumFile.read(path: path, as: input.type)
      if let tensor = datum.tensor, let wanted = input.type?.elementType,
        wanted != .undefined && tensor.elementType != wanted
      {
        throw SurgeonError(
          .invalidData, "input '\(input.name)' has the wrong type", at: [path],
          detail: "the tensor is \(tensor.elementType.name), the model wants \(input.typeText)")
      }
      if let tensor = datum.tensor, let shape = input.type?.shape,
        !shape.accepts(tensor.shape, dimensions)
      {
        throw SurgeonError(
          .invalidData, "input '\(input.name)' has the wrong shape", at: [path],
          detail:
            "the tensor is \(ModelInput.text(tensor.shape)), the model wants \(input.typeText)")
      }
      sample[input.name] = datum
    }
    return sample
  }

  static func isInput(_ name: String) -> Bool { index(of: name) != nil }

  /// True for test data: there are inputs, or outputs of a model that needs no input.
  static func isTestData(_ names: [String], for inputs: [ModelInput]) -> Bool {
    names.contains(where: isInput)
      || inputs.allSatisfy(\.hasDefault)
        && names.contains { $0.hasPrefix("output_") && $0.hasSuffix(".pb") }
  }

  private static func index(of name: String) -> Int? {
    guard name.hasPrefix("input_"), name.hasSuffix(".pb") else { return nil }
    return Int(name.dropFirst(6).dropLast(3)).flatMap { $0 >= 0 ? $0 : nil }
  }
}

extension Shape {
  /// True where sizes fit what the model or `dimensions` fixes.
  fileprivate func accepts(_ sizes: [Int], _ known: [String: Int]) -> Bool {
    sizes.count == rank
      && zip(dimensions, sizes).allSatisfy { dimension, size in
        dimension.size(with: known).map { $0 == size } ?? true
      }
  }
}
