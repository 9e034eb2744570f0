internal import SurgeonData
internal import SurgeonIR
internal import SurgeonRules

/// A number that tells whether work goes on with the model and the data it began with.
///
/// Not a cryptographic one: of large tensors it has some thousand words, evenly spaced, so that it
/// costs no pass over the weights.
struct Fingerprint {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  /// Words of a tensor that are looked at.
  private static let wordCount = 1 << 13

  init() {}

  /// 16 hexadecimal digits.
  var text: String {
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// FNV-1a (Fowler, Noll, Vo) over words of eight bytes; the shift brings high bits down again.
  mutating func add(_ word: UInt64) {
    state = (state ^ word) &* 0x100_0000_01B3
    state ^= state >> 32
  }

  mutating func add(_ number: Int) { add(UInt64(bitPattern: Int64(number))) }

  mutating func add(_ text: String) {
    add(text.utf8.count)
    for unit in text.utf8 { add(UInt64(unit)) }
  }

  mutating func add(_ tensor: Tensor) throws(SurgeonError) {
    add(tensor.elementType.name)
    add(tensor.shape.count)
    for size in tensor.shape { add(size) }
    guard tensor.elementType != .string else { return }
    let bytes = try tensor.bytes()
    bytes.withUnsafeBytes { bytes in
      let words = bytes.count / 8
      for index in stride(from: 0, to: words, by: max(1, words / Self.wordCount)) {
        add(bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
      }
      for byte in bytes[(words * 8)...] { add(UInt64(byte)) }
    }
  }
}

extension Calibrator {
  /// What statistics that are measured now come from.
  ///
  /// - Throws: what reading a tensor throws.
  func origin(of samples: any SampleSource) throws(SurgeonError) -> CollectedStatistics.Origin {
    var fingerprint = Fingerprint()
    fingerprint.add(samples.count)
    // Compressed arrays are read from front to back: to look ahead would unpack all before.
    let looked = samples.isMapped ? [0, samples.count / 2, samples.count - 1] : [0]
    for index in Set(looked).sorted() where index >= 0 {
      // One that cannot be read is named when its turn comes, after those before it.
      guard index < samples.count, let sample = try? samples.sample(index) else { continue }
      for (name, datum) in sample.sorted(by: { $0.key < $1.key }) {
        fingerprint.add(name)
        if let tensor = datum.tensor { try fingerprint.add(tensor) }
      }
    }
    return CollectedStatistics.Origin(model: try modelFingerprint.text, data: fingerprint.text)
  }
}

extension Fingerprint {
  /// Operators, names, attributes and constants of a model; in sequential mode without the statistics that
  /// are to be replaced, on which nothing depends there.
  ///
  /// - Throws: what reading a constant throws.
  init(_ model: Model, of plan: CalibrationPlan, in mode: CalibrationMode) throws(SurgeonError) {
    let replaced = mode == .joint ? [] : plan.sites.flatMap { [$0.norm.mean, $0.norm.variance] }
    var seen = Set(replaced)
    for node in model.allNodes {
      let record = model[node]
      add(record.domain)
      add(record.opType)
      for value in record.inputs + record.outputs { add(value.map { model[$0].name } ?? "") }
      for attribute in record.attributes { try add(attribute) }
      for case let input? in record.inputs where seen.insert(input).inserted {
        if let tensor = model[input].initializer { try add(tensor) }
      }
    }
  }

  /// Name and, but for graphs, whose nodes are among those of the model, what is in it.
  private mutating func add(_ attribute: Attribute) throws(SurgeonError) {
    add(attribute.name)
    switch attribute.payload {
    case .float(let number): add(UInt64(number.bitPattern))
    case .int(let number): add(UInt64(bitPattern: number))
    case .string(let bytes): add(String(decoding: bytes, as: UTF8.self))
    case .tensor(let tensor): try add(tensor)
    case .floats(let numbers): for number in numbers { add(UInt64(number.bitPattern)) }
    case .ints(let numbers): for number in numbers { add(UInt64(bitPattern: number)) }
    case .strings(let strings): for bytes in strings { add(String(decoding: bytes, as: UTF8.self)) }
    case .tensors(let tensors): for tensor in tensors { try add(tensor) }
    case .sparseTensor, .sparseTensors, .graph, .graphs, .type, .types, .reference, .unknown: break
    }
  }
}
