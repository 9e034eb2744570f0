internal import SurgeonIR

/// Samples cut from arrays, one array per input.
///
/// An array whose leading dimension is k times the batch dimension holds k samples; an array that
/// holds one sample goes into every sample. Where the batch dimension is free, the last sample has
/// the rows that are left.
struct ArraySource: SampleSource {
  private struct Binding {
    let input: ModelInput
    let array: StoredArray
    /// Rows per sample; nil where the whole array is one sample.
    let rows: Int?
    let count: Int
  }

  private var bindings: [Binding] = []
  private(set) var count = 1
  let unusedArrays: [String]
  var isMapped: Bool { bindings.allSatisfy(\.array.isMapped) }

  /// - Parameters:
  ///   - arrays: the inputs that data are given for, and the data.
  ///   - unused: the names of arrays beside them.
  ///   - place: file or directory, for messages.
  init(
    _ arrays: [(input: ModelInput, array: StoredArray)], unused: [String] = [],
    options: DataOptions, place: String
  ) throws(SurgeonError) {
    unusedArrays = unused
    for (input, array) in arrays {
      do throws(SurgeonError) {
        let rows = try Self.rows(of: array.header, for: input, options: options)
        let count = rows.map { (array.header.shape[0] + $0 - 1) / $0 } ?? 1
        bindings.append(Binding(input: input, array: array, rows: rows, count: count))
      } catch {
        throw error.within(array.place)
      }
    }
    count = bindings.map(\.count).max() ?? 1
    for binding in bindings where binding.count != count && binding.count != 1 {
      throw SurgeonError(
        .invalidData, "the arrays hold different numbers of samples", at: [place],
        detail: bindings.map { "'\($0.input.name)' \($0.count)" }.joined(separator: ", "))
    }
  }

  func sample(_ index: Int) throws(SurgeonError) -> [String: Datum] {
    precondition(index >= 0 && index < count)
    var inputs: [String: Datum] = [:]
    for binding in bindings {
      let range = binding.rows.map { rows in
        let position = binding.count == 1 ? 0 : index
        return position * rows..<min((position + 1) * rows, binding.array.header.shape[0])
      }
      let tensor = try binding.array.tensor(rows: range, wanted: binding.input.type?.elementType)
      inputs[binding.input.name] = .tensor(tensor)
    }
    return inputs
  }

  /// Checks type and shape of an array; the rows per sample, or nil for an array that is one.
  private static func rows(
    of header: NpyHeader, for input: ModelInput, options: DataOptions
  ) throws(SurgeonError) -> Int? {
    guard let type = input.type else { return nil }
    guard case .tensor(let wanted, let shape) = type.kind else {
      throw SurgeonError(
        .invalidData, "input '\(input.name)' takes no tensor",
        hint: "give it as input_N.pb in a test-data directory")
    }
    let given = header.element.elementType(wanted: wanted)
    guard given == wanted || wanted == .undefined else {
      throw SurgeonError(
        .invalidData, "input '\(input.name)' has the wrong type",
        detail: "the array is \(given?.name ?? "opaque"), the model wants \(input.typeText)",
        hint: "convert it before saving, such as array.astype(\"\(numpyName(of: wanted))\")")
    }
    guard let shape else { return nil }
    func misfit(_ hint: String? = nil) -> SurgeonError {
      SurgeonError(
        .invalidData, "input '\(input.name)' has the wrong shape",
        detail: "the array is \(ModelInput.text(header.shape)), the model wants \(input.typeText)",
        hint: hint)
    }
    guard header.shape.count == shape.rank else {
      throw misfit(
        header.shape.count + 1 == shape.rank
          ? "add the batch dimension, such as array[None]" : nil)
    }
    let sizes = shape.dimensions.map { $0.size(with: options.dimensions) }
    for (axis, size) in sizes.enumerated().dropFirst() {
      if let size, size != header.shape[axis] { throw misfit() }
    }
    guard shape.rank > 0 else { return nil }
    guard header.shape[0] > 0 || sizes[0] == 0 else {
      throw SurgeonError(
        .invalidData, "input '\(input.name)' is empty",
        detail: "the array is \(ModelInput.text(header.shape))")
    }
    if let batch = sizes[0], batch > 0, header.shape[0] % batch != 0 {
      throw misfit("the leading dimension must be a multiple of \(batch)")
    }
    guard let batch = sizes[0] ?? options.batchSize, batch > 0 else { return nil }
    return batch
  }

  /// NumPy's word for an element type, for hints.
  private static func numpyName(of type: ElementType) -> String {
    switch type {
    case .float32: "float32"
    case .float64: "float64"
    case .string: "str"
    default: type.name
    }
  }
}

/// Sources one after the other.
struct ConcatenatedSource: SampleSource {
  private let sources: [any SampleSource]
  /// The index of the first sample of each source.
  private let starts: [Int]
  let count: Int
  let unusedArrays: [String]
  var isMapped: Bool { sources.allSatisfy(\.isMapped) }
  var hasImages: Bool { sources.contains(where: \.hasImages) }

  init(_ sources: [any SampleSource]) {
    self.sources = sources
    var starts: [Int] = []
    var total = 0
    var unused: [String] = []
    var seen: Set<String> = []
    for source in sources {
      starts.append(total)
      total += source.count
      unused += source.unusedArrays.filter { seen.insert($0).inserted }
    }
    self.starts = starts
    count = total
    unusedArrays = unused
  }

  func sample(_ index: Int) throws(SurgeonError) -> [String: Datum] {
    let source = source(of: index)
    return try sources[source].sample(index - starts[source])
  }

  func place(of index: Int) -> String? {
    let source = source(of: index)
    return sources[source].place(of: index - starts[source])
  }

  /// The last source that starts at or before the index.
  private func source(of index: Int) -> Int {
    precondition(index >= 0 && index < count)
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= index { low = middle } else { high = middle }
    }
    return low
  }
}

/// A source that is opened when it is counted and again when it is read, so that a directory of
/// many files keeps one of them open.
struct ReopenedSource: SampleSource {
  /// The source that is open now, shared by all the sources of a directory.
  final class Slot {
    var path: String?
    var source: (any SampleSource)?
  }

  let count: Int
  let isMapped: Bool
  let hasImages: Bool
  let unusedArrays: [String]
  private let path: String
  private let slot: Slot
  private let open: (String) throws(SurgeonError) -> any SampleSource

  init(
    path: String, slot: Slot, open: @escaping (String) throws(SurgeonError) -> any SampleSource
  ) throws(SurgeonError) {
    self.path = path
    self.slot = slot
    self.open = open
    let source = try open(path)
    count = source.count
    isMapped = source.isMapped
    hasImages = source.hasImages
    unusedArrays = source.unusedArrays
  }

  func place(of index: Int) -> String? { path }

  func sample(_ index: Int) throws(SurgeonError) -> [String: Datum] {
    if let source = slot.source, slot.path == path { return try source.sample(index) }
    let source = try open(path)
    slot.path = path
    slot.source = source
    return try source.sample(index)
  }
}
