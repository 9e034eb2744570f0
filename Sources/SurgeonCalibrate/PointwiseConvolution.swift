internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonShapes

/// A convolution whose windows are one element, with constant weights: each element of its result is a
/// linear combination of the channels of one element of its input. What a BatchNormalization behind it
/// sees can be told from the co-moments of that input.
struct PointwiseConvolution: Sendable {
  /// What of which value has to be measured. Convolutions side by side share it.
  struct Source: Hashable, Sendable {
    var value: Value.ID
    var groups: Int
  }

  let node: Node.ID
  let source: Source
  let outputChannels: Int
  /// Input channels of a group.
  let width: Int
  var inputChannels: Int { width * source.groups }
  private let weights: Tensor
  private let bias: Tensor?

  /// Nil where `value` is computed by anything else, or not in Float32.
  init?(producing value: Value.ID, in model: Model, types: TypeTable) throws(SurgeonError) {
    guard let node = model[value].producer?.node else { return nil }
    let record = model[node]
    guard record.opType == "Conv", Model.canonical(record.domain).isEmpty,
      let input = record.input(0), types[input]?.elementType == .float32,
      let weights = try record.input(1).flatMap({ value throws(SurgeonError) in
        try model.constant(value)
      }),
      weights.elementType == .float32, weights.shape.count >= 3, weights.count > 0,
      weights.shape.dropFirst(2).allSatisfy({ $0 == 1 }),
      (record.ints("strides") ?? []).allSatisfy({ $0 == 1 }),
      (record.ints("pads") ?? []).allSatisfy({ $0 == 0 })
    else { return nil }
    let groups = record.int("group") ?? 1
    guard groups > 0, weights.shape[0] % groups == 0,
      types.shape(input)?.sizes?.dropFirst().first == weights.shape[1] * groups
    else { return nil }
    if let given = record.input(2) {
      guard let bias = try model.constant(given), bias.elementType == .float32,
        bias.shape == [weights.shape[0]]
      else { return nil }
      self.bias = bias
    } else {
      bias = nil
    }
    self.node = node
    self.weights = weights
    source = Source(value: input, groups: groups)
    outputChannels = weights.shape[0]
    width = weights.shape[1]
  }

  /// One number each for every channel that the convolution reads.
  typealias Affine = (scale: [Double], offset: [Double])

  /// The moments of the convolution's channels, where it reads scale x + offset, or x itself.
  ///
  /// - Parameters:
  ///   - measured: of x.
  ///   - threads: as in `SessionOptions`.
  func moments(
    _ measured: ChannelCoMoments, reading affine: Affine? = nil, threads: Int
  ) throws(SurgeonError) -> Moments {
    guard var weights = try weights.float64Elements() else {
      throw SurgeonError(.broken, "the weights of a convolution hold no numbers")
    }
    var sums = try bias?.float64Elements() ?? Array(repeating: 0, count: outputChannels)
    if let (scale, offset) = affine {
      let perGroup = outputChannels / source.groups
      for output in 0..<outputChannels {
        let (row, first) = (output * width, output / perGroup * width)
        for index in 0..<width {
          sums[output] += weights[row + index] * offset[first + index]
          weights[row + index] *= scale[first + index]
        }
      }
    }
    return Moments(measured.moments(weights: weights, bias: sums, threads: threads))
  }
}
