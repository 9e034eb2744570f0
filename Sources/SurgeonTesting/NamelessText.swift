internal import SurgeonFormat
internal import SurgeonIR

/// A model as text in which the names of inner values are numbers, so that two models that differ
/// in such names alone have the same text. Constants are written with their numbers.
struct NamelessText {
  private(set) var text: String

  init(_ model: Model) {
    var copy = model
    let graph = copy.mainGraph
    let publicValues = Set(copy[graph].inputs + copy[graph].outputs)
    var count = 0
    var order: [Value.ID] = []
    for node in copy.nodes(of: graph) {
      order += copy[node].inputs.compactMap { $0 } + copy[node].outputs.compactMap { $0 }
    }
    var seen = publicValues
    // Two rounds, since a number may be taken by a name that is still to be changed.
    let inner = order.filter { seen.insert($0).inserted && copy[$0].graph == graph }
    for value in inner { copy.rename(value, to: copy.freshName("inner_value_\(value.raw)")) }
    for value in inner {
      copy.rename(value, to: "%\(count)")
      count += 1
    }
    let names = { (values: [Value.ID?]) in
      values.map { $0.map { Self.word($0, in: copy) } ?? "" }.joined(separator: ", ")
    }
    var lines: [String] = []
    for node in copy.nodes(of: graph) {
      let record = copy[node]
      let attributes = record.attributes.map { "\($0.name) = \(Self.text($0.payload))" }.sorted()
      let list = attributes.isEmpty ? "" : " <\(attributes.joined(separator: ", "))>"
      let domain = record.domain.isEmpty ? "" : "\(record.domain)."
      lines.append(
        "  \(names(record.outputs)) = \(domain)\(record.opType)\(list) (\(names(record.inputs)))")
    }
    lines.append("  outputs \(names(copy[graph].outputs))")
    text = lines.joined(separator: "\n")
  }

  private static func word(_ value: Value.ID, in model: Model) -> String {
    guard let tensor = model[value].initializer, !model[value].isGraphInput else {
      return model[value].name
    }
    return text(tensor)
  }

  private static func text(_ tensor: Tensor) -> String {
    let type = "\(tensor.elementType.name)\(tensor.shape)"
    if let numbers = try? tensor.float64Elements() { return "\(type){\(list(numbers))}" }
    if let numbers = try? tensor.intElements() { return "\(type){\(list(numbers))}" }
    return type
  }

  private static func list(_ numbers: [some CustomStringConvertible]) -> String {
    numbers.map(\.description).joined(separator: ", ")
  }

  private static func text(_ payload: Attribute.Payload) -> String {
    switch payload {
    case .float(let number): "\(number)"
    case .int(let number): "\(number)"
    case .string(let bytes): "'\(String(decoding: bytes, as: UTF8.self))'"
    case .floats(let numbers): "[\(list(numbers))]"
    case .ints(let numbers): "[\(list(numbers))]"
    case .tensor(let tensor): text(tensor)
    default: "\(payload)"
    }
  }
}
