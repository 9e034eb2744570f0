internal import SurgeonIR
internal import SurgeonRules

/// Moments of activations, channel by channel, in Float64.
enum MomentsMeter {
  /// The moments of X [N, C, D1..Dk] along all axes but the second; a rank-1 X is one channel.
  ///
  /// - Throws: `invalidData` where X holds no floating-point numbers, or none at all.
  static func moments(of tensor: Tensor) throws(SurgeonError) -> Moments {
    let shape = tensor.shape.count < 2 ? [tensor.shape.first ?? 1, 1] : tensor.shape
    guard tensor.count > 0 else { throw SurgeonError(.invalidData, "there is nothing to measure") }
    if tensor.elementType == .float32 {
      return try tensor.bytes().withUnsafeBytes { bytes in
        moments(of: UnsafeRawBufferPointer(bytes), shape: shape)
      }
    }
    guard let numbers = try tensor.float64Elements() else {
      throw SurgeonError(
        .invalidData, "statistics of \(tensor.elementType.name) values are not defined")
    }
    return Moments(ofBatch: numbers, shape: shape)
  }

  /// True where every number is finite; integers and strings are.
  static func isFinite(_ tensor: Tensor) throws(SurgeonError) -> Bool {
    guard tensor.elementType.isFloatingPoint, tensor.elementType.bitWidth >= 16 else { return true }
    if tensor.elementType == .float32 {
      return try tensor.bytes().withUnsafeBytes { bytes in
        sum(of: bytes, from: 0, count: tensor.count).isFinite
      }
    }
    return try tensor.float64Elements()?.allSatisfy(\.isFinite) ?? true
  }

  private static func moments(of bytes: UnsafeRawBufferPointer, shape: [Int]) -> Moments {
    let (samples, channels) = (shape[0], shape[1])
    let positions = shape.dropFirst(2).reduce(1, *)
    let count = Double(samples * positions)
    var mean = Array(repeating: 0.0, count: channels)
    var m2 = mean
    for channel in 0..<channels {
      var total = 0.0
      for sample in 0..<samples {
        let start = (sample * channels + channel) * positions
        total += sum(of: bytes, from: start, count: positions)
      }
      let center = total / count
      var squares = 0.0
      for sample in 0..<samples {
        let start = (sample * channels + channel) * positions
        squares += squaredDeviations(of: bytes, from: start, count: positions, center: center)
      }
      mean[channel] = center
      m2[channel] = squares
    }
    return Moments(count: count, mean: mean, m2: m2)
  }

  // Eight running sums side by side: the order of additions is fixed, and the loops are vectors.

  private static func sum(of bytes: UnsafeRawBufferPointer, from start: Int, count: Int) -> Double {
    var lanes = SIMD8<Double>()
    let end = start + count
    var index = start
    while index + 8 <= end {
      lanes += SIMD8<Double>(bytes.loadUnaligned(fromByteOffset: index * 4, as: SIMD8<Float>.self))
      index += 8
    }
    var total = lanes.sum()
    while index < end {
      total += Double(bytes.loadUnaligned(fromByteOffset: index * 4, as: Float.self))
      index += 1
    }
    return total
  }

  private static func squaredDeviations(
    of bytes: UnsafeRawBufferPointer, from start: Int, count: Int, center: Double
  ) -> Double {
    var lanes = SIMD8<Double>()
    let end = start + count
    var index = start
    while index + 8 <= end {
      let values = SIMD8<Double>(
        bytes.loadUnaligned(fromByteOffset: index * 4, as: SIMD8<Float>.self))
      let deviations = values - center
      lanes += deviations * deviations
      index += 8
    }
    var total = lanes.sum()
    while index < end {
      let value = Double(bytes.loadUnaligned(fromByteOffset: index * 4, as: Float.self))
      total += (value - center) * (value - center)
      index += 1
    }
    return total
  }
}
