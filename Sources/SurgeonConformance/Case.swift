internal import SurgeonFormat
internal import SurgeonIR

/// A case of the standard's test suite, as Tests/Conformance/suite.py writes it.
struct Case {
  let kind: String
  let name: String
  let relativeTolerance: Double
  let absoluteTolerance: Double
  let directory: String

  /// - Parameter line: a line of `cases.tsv`.
  init?(line: Substring, in suite: String) {
    let fields = line.split(separator: "\t").map(String.init)
    guard fields.count == 5, let relative = Double(fields[2]), let absolute = Double(fields[3])
    else { return nil }
    kind = fields[0]
    name = fields[1]
    relativeTolerance = relative
    absoluteTolerance = absolute
    directory = "\(suite)/\(kind)/\(name)"
  }

  func model() throws(SurgeonError) -> Model {
    try ModelReader.read(path: directory + "/model.onnx")
  }

  /// The data set of number `index`, nil past the last.
  func dataSet(_ index: Int) throws(SurgeonError) -> DataSet? {
    let path = "\(directory)/data_\(index).onnx"
    guard fileExists(path) else { return nil }
    return try DataSet(try ModelReader.read(path: path))
  }
}

/// The inputs of a case and the outputs that the suite expects.
struct DataSet {
  let inputs: [Datum]
  let outputs: [Datum]

  init(_ model: Model) throws(SurgeonError) {
    var tensors = model[model.mainGraph].initializers.compactMap { model[$0].initializer }[...]
    func values(_ key: String) throws(SurgeonError) -> [Datum] {
      let code = model.header.metadata.first { $0.key == key }?.value ?? ""
      var reader = DatumCode(text: Array(code.utf8)[...], tensors: tensors)
      var result: [Datum] = []
      while !reader.text.isEmpty {
        guard let datum = reader.next() else {
          throw SurgeonError(.invalidData, "'\(code)' does not describe a data set")
        }
        result.append(datum)
      }
      tensors = reader.tensors
      return result
    }
    inputs = try values("inputs")
    outputs = try values("outputs")
  }
}

/// How the tensors of a data set make up its values.
private struct DatumCode {
  var text: ArraySlice<UInt8>
  var tensors: ArraySlice<Tensor>

  /// The next value; nil where the text makes no sense.
  mutating func next() -> Datum? {
    while text.first == UInt8(ascii: " ") { text.removeFirst() }
    switch text.popFirst() {
    case UInt8(ascii: "t"): return tensors.popFirst().map { .tensor($0) }
    case UInt8(ascii: "s"): return list().map { .sequence($0, elementType: nil) }
    case UInt8(ascii: "o"): return list().map { .optional($0.first, elementType: nil) }
    case UInt8(ascii: "m"):
      guard let parts = list(), case .tensor(let keys)? = parts.first else { return nil }
      return .map(keys: keys, values: Array(parts.dropFirst()))
    default: return nil
    }
  }

  private mutating func list() -> [Datum]? {
    guard text.popFirst() == UInt8(ascii: "(") else { return nil }
    var elements: [Datum] = []
    while let byte = text.first, byte != UInt8(ascii: ")") {
      if byte == UInt8(ascii: ",") { text.removeFirst() }
      guard let element = next() else { return nil }
      elements.append(element)
    }
    return text.popFirst() == nil ? nil : elements
  }
}
