internal import SurgeonIR

/// ai.onnx.ml LabelEncoder: a table from keys to values, with a default for the rest.
///
/// Keys and values are strings, integers or numbers, from attributes of one of the three kinds or
/// from tensors. A NaN is a key like any other and finds itself.
enum LabelEncoder {
  private enum Label: Hashable {
    case text([UInt8])
    case number(UInt64)

    init(_ number: Double) { self = .number(number.isNaN ? .max : (number + 0).bitPattern) }
  }

  private enum Column {
    case texts([[UInt8]])
    case floats([Double])
    case integers([Int])

    var labels: [Label] {
      switch self {
      case .texts(let texts): texts.map { .text($0) }
      case .floats(let numbers): numbers.map { Label($0) }
      case .integers(let numbers): numbers.map { Label(Double($0)) }
      }
    }
    var count: Int { labels.count }
  }

  @Sendable static func run(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0)
    if call.node.sinceVersion == 1 { return [try classes(x, call)] }
    guard let keys = try column(call, "keys"), let values = try column(call, "values"),
      keys.count == values.count
    else { throw call.failure("LabelEncoder needs as many values as keys") }
    let table = Dictionary(
      zip(keys.labels, 0...), uniquingKeysWith: { first, _ in first })
    let places = try labels(of: x, call).map { table[$0] }
    let fallback = try call.node.tensor("default_tensor").map { (tensor) throws(SurgeonError) in
      try Self.column(of: tensor, call)
    }
    switch values {
    case .texts(let texts):
      let other: [UInt8]
      if case .texts(let given)? = fallback {
        other = given.first ?? []
      } else {
        other = Array(call.node.string("default_string", default: "_Unused").utf8)
      }
      return [Strings.strings(places.map { $0.map { texts[$0] } ?? other }, x.shape)]
    case .floats(let numbers):
      var other = call.node.float("default_float", default: -0.0)
      if case .floats(let given)? = fallback { other = given.first ?? other }
      let type = call.node.tensor("values_tensor")?.elementType ?? call.runtimeType(.float32)
      let result = places.map { $0.map { numbers[$0] } ?? other }
      return [.tensor(Tensor(rounding: result, to: type, shape: x.shape))]
    case .integers(let numbers):
      var other = call.node.int("default_int64", default: -1)
      if case .integers(let given)? = fallback { other = given.first ?? other }
      let result = places.map { $0.map { numbers[$0] } ?? other }
      let type = call.node.tensor("values_tensor")?.elementType ?? .int64
      return [try integers(result, type, x.shape, call)]
    }
  }

  /// Version 1: strings to their places in `classes_strings`, and back.
  private static func classes(_ x: Tensor, _ call: KernelCall) throws(SurgeonError) -> Datum {
    let classes = call.node.strings("classes_strings") ?? []
    if x.elementType == .string {
      let other = Int64(call.node.int("default_int64", default: -1))
      let places = Dictionary(zip(classes, Int64(0)...), uniquingKeysWith: { first, _ in first })
      return .tensor(Tensor(try x.strings().map { places[$0] ?? other }, shape: x.shape))
    }
    guard let numbers = try x.intElements() else { throw call.unsupported(x.elementType) }
    let other = Array(call.node.string("default_string", default: "_Unused").utf8)
    return Strings.strings(
      numbers.map { classes.indices.contains($0) ? classes[$0] : other }, x.shape)
  }

  private static func column(_ call: KernelCall, _ side: String) throws(SurgeonError) -> Column? {
    let node = call.node
    if let tensor = node.tensor("\(side)_tensor") { return try column(of: tensor, call) }
    if let texts = node.strings("\(side)_strings"), !texts.isEmpty { return .texts(texts) }
    if let numbers = node.ints("\(side)_int64s"), !numbers.isEmpty { return .integers(numbers) }
    if let numbers = node.floats("\(side)_floats"), !numbers.isEmpty { return .floats(numbers) }
    return nil
  }

  private static func column(of tensor: Tensor, _ call: KernelCall) throws(SurgeonError) -> Column {
    if tensor.elementType == .string { return .texts(try tensor.strings()) }
    if let numbers = try tensor.intElements() { return .integers(numbers) }
    if let numbers = try tensor.float64Elements() { return .floats(numbers) }
    throw call.unsupported(tensor.elementType)
  }

  private static func labels(of x: Tensor, _ call: KernelCall) throws(SurgeonError) -> [Label] {
    try column(of: x, call).labels
  }

  private static func integers(
    _ numbers: [Int], _ type: ElementType, _ shape: [Int], _ call: KernelCall
  ) throws(SurgeonError) -> Datum {
    switch type {
    case .int64: .tensor(Tensor(numbers.map { Int64($0) }, shape: shape))
    case .int32: .tensor(Tensor(numbers.map { Int32(truncatingIfNeeded: $0) }, shape: shape))
    case .int16: .tensor(Tensor(numbers.map { Int16(truncatingIfNeeded: $0) }, shape: shape))
    default: throw call.unsupported(type)
    }
  }
}
