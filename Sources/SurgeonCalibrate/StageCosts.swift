internal import SurgeonIR
internal import SurgeonRuntime
internal import SurgeonShapes

/// What running a node and keeping a value cost for one sample, in nanoseconds: rough numbers of a
/// processor with two cores, good enough to choose between the two.
struct StageCosts {
  private let model: Model
  /// With the shapes of one sample.
  let types: TypeTable
  /// Reading a byte of the data again.
  private let sampleByte: Double
  let sampleCount: Int
  /// The bytes of a sample's value, by its handle; nil where its shape is not known.
  private var bytes: [Int?] = []
  /// What it takes to run a node, by its handle; nil where nobody knows. Both are asked for again and again:
  /// at each cut and each price.
  private var nanoseconds: [Double?] = []
  /// How many times as dear it is to keep a value as memory and time alone say: more where what is kept
  /// has no room otherwise.
  var price = 1.0

  /// Writing a byte that waits, in memory or over one that has waited in the file.
  static let keptByte = 0.06
  /// A byte more that the file grows by: fresh pages of the system's cache, and some day a disk.
  private static let grownByte = 0.2
  /// What all samples together may have of a value before the rest of it is taken to wait in the file. Not
  /// the limit of the store: what is kept would follow from that, and with it the last bits.
  private static let memory = Double(128 << 20)
  /// Reading a kept byte, from memory or through the system's cache.
  static let readByte = 0.05
  /// Writing a byte to a good disk, or reading one from there. Of a set of 20 GB on a disk of 3 GB/s this
  /// chose the quickest plan, and one near it where a disk takes three times as long.
  static let diskByte = 0.35
  /// Reading a byte of the data again, which has to be decoded, or comes from a mapped file.
  private static let decodedByte = 2.0
  private static let mappedByte = 0.3
  /// A byte that an operator reads or writes, mostly in the caches.
  private static let touchedByte = 0.04
  private static let multiplication = 0.0133
  /// The same in Float64.
  private static let product = 0.033
  private static let mergedProduct = 4.0
  /// Measuring a byte of what a site sees, and widening one for products.
  private static let measuredByte = 0.03
  private static let widenedByte = 0.1
  private static let step = 5_000.0
  /// A node that only says how to look at a value, or that is done on the way by the node before.
  private static let passing = 500.0
  private static let maximalWidth = 16
  private static let cachedBytes = 1 << 20

  /// Where the data are.
  struct Data {
    /// In a file that is mapped, not in one that has to be decoded.
    var areMapped: Bool
    /// In the system's cache after the first pass.
    var areCached: Bool
  }

  /// - Parameter types: of the whole model with the shapes of a sample.
  init(_ model: Model, types: TypeTable, data: Data, sampleCount: Int) {
    self.model = model
    self.types = types
    self.sampleCount = sampleCount
    sampleByte =
      (data.areMapped ? Self.mappedByte : Self.decodedByte) + (data.areCached ? 0 : Self.diskByte)
    bytes = (0..<model.valueTableCount).map { size(of: Value.ID(raw: Int32($0))) }
    nanoseconds = (0..<model.nodeTableCount).map { cost(of: Node.ID(raw: Int32($0))) }
  }

  /// The bytes of the largest value of a sample, at most so many that multiples of them are numbers
  /// (no machine has them); nil where no shape is known.
  func largestValue(of part: GraphPart) -> Int? {
    let values = part.inputs + part.nodes.flatMap { model[$0].outputs.compactMap(\.self) }
    return values.compactMap(byteCount).max().map { min($0, 1 << 50) }
  }

  /// How many samples to run as one, where the operators allow that: as many as the caches hold
  /// the values of.
  ///
  /// - Parameter largest: the bytes of the largest value of a sample.
  func width(of largest: Int) -> Int {
    var width = Self.maximalWidth
    while width > 1, width * largest > Self.cachedBytes { width /= 2 }
    return width
  }

  /// The bytes of a sample's value; nil where its shape is not known.
  func byteCount(of value: Value.ID) -> Int? { bytes[Int(value.raw)] }

  private func size(of value: Value.ID) -> Int? {
    guard let type = types[value]?.elementType, let count = shape(of: value)?.elementCount else {
      return nil
    }
    return type.byteCount(of: count)
  }

  /// Keeping a value that so many stages read; nil where its shape is not known.
  ///
  /// - Parameter most: the bytes of a sample that have been kept at a time so far, whose place it takes.
  func keeping(_ value: Value.ID, stages: Int, after most: Double) -> Double? {
    byteCount(of: value).map { count in
      let bytes = Double(count)
      let all = bytes * Double(sampleCount)
      let filed = all > Self.memory ? 1 - Self.memory / all : 0
      let grown = filed * max(0, bytes - most) * Self.grownByte
      return (bytes * (Self.keptByte + Double(stages) * Self.readByte) + grown) * price
    }
  }

  /// Reading a value that is kept (or part of the data) once more.
  func reading(_ value: Value.ID) -> Double? {
    guard let bytes = byteCount(of: value) else { return nil }
    guard model[value].isGraphInput else { return Double(bytes) * Self.readByte * price }
    return Double(bytes) * sampleByte
  }

  /// Running `node` once more; nil where nobody knows.
  func running(_ node: Node.ID) -> Double? { nanoseconds[Int(node.raw)] }

  private func cost(of node: Node.ID) -> Double? {
    let record = model[node]
    guard record.bodies.isEmpty, model.function(calledBy: node) == nil else { return nil }
    var bytes = 0.0
    for case let output? in record.outputs where !model[output].uses.isEmpty {
      guard let count = byteCount(of: output) else { return nil }
      bytes += Double(count)
    }
    if isPassing(record) { return Self.passing }
    let inputs = record.inputs.compactMap { $0.flatMap(byteCount) }
    let touched = (bytes + Double(inputs.max() ?? 0)) * Self.touchedByte
    guard let work = OperatorWork.multiplications(of: record, sizes: shape) else { return nil }
    return Self.step + max(touched, work * Self.multiplication)
  }

  /// What it saves to measure the source of convolutions that would run for nothing but being measured;
  /// nil where nobody knows.
  ///
  /// - Parameter convolutions: of one source.
  func saving(_ convolutions: some Collection<PointwiseConvolution>) -> Double? {
    guard let first = convolutions.first, let bytes = byteCount(of: first.source.value)
    else { return nil }
    // Of each symmetric matrix of products one half is computed; all of it is merged, batch by batch.
    let products = Double(first.width + 8) / 2
    let merged = Double(first.inputChannels * first.width) * Self.mergedProduct
    var saved = -Double(bytes) * (Self.widenedByte + products / 4 * Self.product)
    saved -= merged / Double(width(of: bytes))
    for convolution in convolutions {
      guard let output = model[convolution.node].output(0), let result = byteCount(of: output),
        let running = running(convolution.node)
      else { return nil }
      saved += running + Double(result) * Self.measuredByte
      // Once for all samples.
      let form = Double(first.width) * products * 3 * Self.product
      saved -= Double(convolution.outputChannels) * form / Double(sampleCount)
    }
    return saved
  }

  /// What it saves to know sites of one source a group ahead: to read the source once more and to normalise
  /// it, and to measure it on its own; nil where nobody knows.
  func saving(_ sites: some Collection<SiteAhead>) -> Double? {
    guard let source = sites.first?.source.value, let bytes = byteCount(of: source),
      let saved = saving(sites.map(\.convolution)), let reading = reading(source)
    else { return nil }
    return saved + reading + Double(bytes) * Self.measuredByte
  }

  private static let views: Set = [
    "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout",
  ]
  private static let elementwise: Set = [
    "BatchNormalization", "Relu", "Clip", "LeakyRelu", "Elu", "Sigmoid", "HardSigmoid", "HardSwish",
  ]

  /// True where the engine does not go over a value for the node's sake: it passes a value on as it is, or
  /// becomes a part of the node before.
  private func isPassing(_ node: Node) -> Bool {
    if Self.views.contains(node.opType) { return true }
    guard Self.elementwise.contains(node.opType), let input = node.input(0),
      let producer = model[input].producer?.node, model[input].uses.count == 1
    else { return false }
    let before = model[producer].opType
    return before == "Conv" || Self.elementwise.contains(before)
  }

  private func shape(of value: Value.ID) -> [Int]? {
    model[value].initializer?.shape ?? types.shape(value)?.sizes
  }
}
