internal import SurgeonIR
internal import SurgeonLibc

/// DFT along one axis of [..., 1] (real) or [..., 2] (complex) numbers.
///
/// With `onesided` the forward transform yields the first half of the spectrum and a bin; the
/// inverse takes such a half and yields real numbers.
enum DFT: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let rank = x.shape.count
    guard rank >= 2, let parts = x.shape.last, parts == 1 || parts == 2 else {
      throw call.failure("DFT takes [..., 1] or [..., 2], not \(x.shape)")
    }
    let axisInput = call.node.sinceVersion >= 20 ? try call.ints(2)?.first : call.node.int("axis")
    let declared = axisInput ?? (call.node.sinceVersion >= 20 ? -2 : 1)
    let axis = declared < 0 ? declared + rank : declared
    guard (0..<(rank - 1)).contains(axis) else {
      throw call.failure("axis \(declared) is not one of the \(rank - 1) axes before the last")
    }
    let isInverse = call.node.flag("inverse")
    let isOnesided = call.node.flag("onesided")
    let given = x.shape[axis]
    let length =
      try call.ints(1)?.first ?? (isInverse && isOnesided ? 2 * (given - 1) : given)
    guard length > 0 else { throw call.failure("a DFT of length \(length) does not exist") }
    let bins = isOnesided && !isInverse ? length / 2 + 1 : length
    let outputParts = isOnesided && isInverse ? 1 : 2
    var shape = x.shape
    shape[axis] = bins
    shape[rank - 1] = outputParts
    let y = try call.output(shape, of: T.self)
    let outer = x.shape[..<axis].reduce(1, *)
    let inner = x.shape[(axis + 1)..<(rank - 1)].reduce(1, *)
    let transform = FourierTransform(length: length, isInverse: isInverse)
    for o in 0..<outer {
      for i in 0..<inner {
        var re = [Double](repeating: 0, count: length)
        var im = re
        for k in 0..<min(given, length) {
          let at = ((o * given + k) * inner + i) * parts
          re[k] = Double(x[at])
          if parts == 2 { im[k] = Double(x[at + 1]) }
        }
        if isOnesided, isInverse { completeSpectrum(&re, &im, from: given) }
        let (a, b) = transform(re, im)
        for k in 0..<bins {
          let at = ((o * bins + k) * inner + i) * outputParts
          y[at] = T(a[k])
          if outputParts == 2 { y[at + 1] = T(b[k]) }
        }
      }
    }
    return [y.datum]
  }

  /// The upper half of a real signal's spectrum mirrors the lower one, conjugated.
  private static func completeSpectrum(_ re: inout [Double], _ im: inout [Double], from given: Int)
  {
    let length = re.count
    im[0] = 0
    for k in (length / 2 + 1)..<max(length, length / 2 + 1) {
      re[k] = re[length - k]
      im[k] = -im[length - k]
    }
    if length % 2 == 0 { im[length / 2] = 0 }
  }
}

/// STFT: the DFT of windowed frames of [batch, length, 1 or 2].
enum STFT: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    guard x.shape.count == 3, x.shape[2] == 1 || x.shape[2] == 2,
      let step = try call.ints(1)?.first, step > 0
    else { throw call.failure("STFT takes [batch, length, 1 or 2] and a positive frame_step") }
    let window = try call.optionalTensor(2)?.view(as: T.self)
    let (batch, length, parts) = (x.shape[0], x.shape[1], x.shape[2])
    let frame = try call.ints(3)?.first ?? window?.count ?? length
    guard frame > 0, frame <= length, window.map({ $0.count == frame }) ?? true else {
      throw call.failure("frames of \(frame) do not fit the signal of \(length) or the window")
    }
    let frames = (length - frame) / step + 1
    let bins = call.node.flag("onesided", default: true) ? frame / 2 + 1 : frame
    let y = try call.output([batch, frames, bins, 2], of: T.self)
    let transform = FourierTransform(length: frame, isInverse: false)
    for entry in 0..<batch {
      for index in 0..<frames {
        var re = [Double](repeating: 0, count: frame)
        var im = re
        for k in 0..<frame {
          let at = (entry * length + index * step + k) * parts
          let weight = window.map { Double($0[k]) } ?? 1
          re[k] = Double(x[at]) * weight
          if parts == 2 { im[k] = Double(x[at + 1]) * weight }
        }
        let (a, b) = transform(re, im)
        for k in 0..<bins {
          let at = ((entry * frames + index) * bins + k) * 2
          y[at] = T(a[k])
          y[at + 1] = T(b[k])
        }
      }
    }
    return [y.datum]
  }
}

/// Windows of the cosine family: sum of a_k cos(2 pi k n / N), N being one less where the window is
/// not periodic.
enum CosineWindow {
  @Sendable static func hann(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try make(call, [0.5, -0.5])
  }
  @Sendable static func hamming(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try make(call, [25.0 / 46, -21.0 / 46])
  }
  @Sendable static func blackman(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try make(call, [0.42, -0.5, 0.08])
  }

  private static func make(
    _ call: KernelCall, _ coefficients: [Double]
  ) throws(SurgeonError) -> [Datum?] {
    guard let size = try call.ints(0)?.first, size >= 0 else {
      throw call.failure("the size of a window must not be negative")
    }
    _ = try Sizes.count([size])
    let isPeriodic = call.node.flag("periodic", default: true)
    let period = Double(isPeriodic ? size : size - 1)
    let numbers = (0..<size).map { n in
      period == 0
        ? 1
        : coefficients.enumerated().reduce(0.0) { sum, term in
          sum + term.element * cos(2 * Double.pi * Double(term.offset * n) / period)
        }
    }
    return [try call.numbers(numbers, shape: [size])]
  }
}

/// MelWeightMatrix: triangular filters on the mel scale, [bins, mel bins].
enum MelFilters {
  @Sendable static func matrix(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    guard let bands = try call.ints(0)?.first, let length = try call.ints(1)?.first,
      let rate = try call.ints(2)?.first, let low = try call.tensor(3).float64Elements()?.first,
      let high = try call.tensor(4).float64Elements()?.first, bands > 0, length > 0, rate > 0
    else { throw call.failure("MelWeightMatrix needs positive sizes and two frequencies") }
    let bins = length / 2 + 1
    let count = try Sizes.count([bins, bands])
    let mel = { (hertz: Double) in 2595 * log1p(hertz / 700) / log(10) }
    let step = (mel(high) - mel(low)) / Double(bands + 2)
    let positions = (0..<(bands + 2)).map { index in
      let hertz = 700 * expm1((mel(low) + Double(index) * step) / 2595 * log(10))
      return (Double(length + 1) * hertz / Double(rate)).rounded(.down)
    }
    let edges = positions.compactMap { Int(exactly: $0) }
    guard edges.count == positions.count, edges.allSatisfy({ (0...bins).contains($0) }) else {
      throw call.failure("the frequencies reach past half the sample rate")
    }
    var result = [Double](repeating: 0, count: count)
    for band in 0..<bands {
      let (left, centre, right) = (edges[band], edges[band + 1], edges[band + 2])
      if centre == left {
        if centre < bins { result[centre * bands + band] = 1 }
      } else {
        for bin in left..<max(left, centre + 1) where bin < bins {
          result[bin * bands + band] = Double(bin - left) / Double(centre - left)
        }
      }
      for bin in centre..<max(right, centre) where bin < bins {
        result[bin * bands + band] = Double(right - bin) / Double(right - centre)
      }
    }
    return [try call.numbers(result, shape: [bins, bands])]
  }
}

extension KernelCall {
  /// Numbers in the element type that attribute `output_datatype` names, Float32 by default.
  func numbers(_ numbers: [Double], shape: [Int]) throws(SurgeonError) -> Datum {
    let type = runtimeType(try node.elementType("output_datatype") ?? .float32)
    if type.isFloatingPoint, type.bitWidth >= 16 {
      return .tensor(Tensor(rounding: numbers, to: type, shape: shape))
    }
    let integers = numbers.map { Int64($0) }
    switch type {
    case .int64: return .tensor(Tensor(integers, shape: shape))
    case .int32: return .tensor(Tensor(integers.map(Int32.init(truncatingIfNeeded:)), shape: shape))
    case .int16: return .tensor(Tensor(integers.map(Int16.init(truncatingIfNeeded:)), shape: shape))
    case .int8: return .tensor(Tensor(integers.map(Int8.init(truncatingIfNeeded:)), shape: shape))
    case .uint8: return .tensor(Tensor(integers.map(UInt8.init(truncatingIfNeeded:)), shape: shape))
    case .uint16:
      return .tensor(Tensor(integers.map(UInt16.init(truncatingIfNeeded:)), shape: shape))
    case .uint32:
      return .tensor(Tensor(integers.map(UInt32.init(truncatingIfNeeded:)), shape: shape))
    case .uint64:
      return .tensor(Tensor(integers.map(UInt64.init(truncatingIfNeeded:)), shape: shape))
    default: throw unsupported(type)
    }
  }
}
