internal import CKernels
internal import SurgeonIR
internal import SurgeonThreads

/// GridSample: values of X [N, C, D1..Dk] at the positions that grid [N, O1..Ok, k] gives in
/// [-1, 1], the last axis first (x, y, z).
enum GridSample: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let grid = try call.tensor(1).view(as: T.self)
    let axes = x.shape.count - 2
    guard (1...10).contains(axes), grid.shape.count == axes + 2, grid.shape.last == axes,
      grid.shape[0] == x.shape[0]
    else { throw call.failure("a grid \(grid.shape) does not fit an input \(x.shape)") }
    let sampler = try Sampler(call, sizes: Array(x.shape[2...]))
    let (batch, channels) = (x.shape[0], x.shape[1])
    let places = grid.shape[1..<(axes + 1)].reduce(1, *)
    let y = try call.output([batch, channels] + grid.shape[1..<(axes + 1)], of: T.self)
    let plane = sampler.sizes.reduce(1, *)
    guard plane <= Int(Int32.max) else { throw call.failure("the input is too large") }
    // A few hundred positions have their taps in a cache while all channels are read.
    let taps = sampler.tapCount
    let length = max(1, min(256, (1 << 16) / taps))
    let blocks = (places + length - 1) / length
    call.share(batch * blocks, nanoseconds: ThreadPool.work(y.count, taps)) { task in
      let (n, first) = (task / blocks, task % blocks * length)
      let count = min(length, places - first)
      let source = x.base + n * channels * plane
      let target = y.base + n * channels * places + first
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: taps * count) { offsets in
        withUnsafeTemporaryAllocation(of: T.self, capacity: taps * count) { weights in
          guard let offsets = offsets.baseAddress, let weights = weights.baseAddress else { return }
          // In Float32 like the standard's own definition: where a coordinate falls on a half,
          // rounding decides which neighbour is nearest.
          sampler.findTaps(
            at: grid.base + (n * places + first) * axes, count: count, offsets, weights)
          if let weights = weights as? UnsafeMutablePointer<Float>,
            let source = source as? UnsafePointer<Float>,
            let target = target as? UnsafeMutablePointer<Float>
          {
            ck_sample(
              Int64(taps), Int64(count), offsets, weights, Int64(channels), source, Int64(plane),
              target, Int64(places))
            return
          }
          for channel in 0..<channels {
            for index in 0..<count {
              var sum: T = 0
              for tap in 0..<taps where offsets[tap * count + index] >= 0 {
                let element = source[channel * plane + Int(offsets[tap * count + index])]
                sum += weights[tap * count + index] * element
              }
              target[channel * places + index] = sum
            }
          }
        }
      }
    }
    withExtendedLifetime((x, grid)) {}
    return [y.datum]
  }

  /// Turns a position into the elements that contribute, with their weights.
  private struct Sampler {
    enum Mode { case nearest, linear, cubic }
    enum Padding { case zeros, border, reflection }

    let sizes: [Int]
    let mode: Mode
    let padding: Padding
    let alignsCorners: Bool

    init(_ call: KernelCall, sizes: [Int]) throws(SurgeonError) {
      self.sizes = sizes
      switch call.node.string("mode", default: "linear") {
      case "nearest": mode = .nearest
      case "linear", "bilinear": mode = .linear
      case "cubic", "bicubic": mode = .cubic
      case let other: throw call.failure("there is no mode '\(other)'")
      }
      switch call.node.string("padding_mode", default: "zeros") {
      case "zeros": padding = .zeros
      case "border": padding = .border
      case "reflection": padding = .reflection
      case let other: throw call.failure("there is no padding_mode '\(other)'")
      }
      alignsCorners = call.node.flag("align_corners")
    }

    private var tapsPerAxis: Int {
      switch mode {
      case .nearest: 1
      case .linear: 2
      case .cubic: 4
      }
    }

    /// Elements that contribute to one position.
    var tapCount: Int { sizes.reduce(1) { count, _ in count * tapsPerAxis } }

    /// Tap t of position i goes to index t count + i: the element's place, or -1 for one that counts
    /// as zero, and its weight.
    ///
    /// - Parameter positions: `count` positions, of each the last axis first.
    func findTaps<T: Real>(
      at positions: UnsafePointer<T>, count: Int, _ offsets: UnsafeMutablePointer<Int32>,
      _ weights: UnsafeMutablePointer<T>
    ) {
      let (axes, perAxis) = (sizes.count, tapsPerAxis)
      withUnsafeTemporaryAllocation(of: Int.self, capacity: axes * perAxis) { places in
        withUnsafeTemporaryAllocation(of: T.self, capacity: axes * perAxis) { parts in
          guard let places = places.baseAddress, let parts = parts.baseAddress else { return }
          for position in 0..<count {
            for axis in 0..<axes {
              findTaps(
                along: sizes[axis], at: positions[position * axes + axes - 1 - axis],
                places + axis * perAxis, parts + axis * perAxis)
            }
            // Each axis multiplies the taps so far, from the last one on, in their own place.
            var known = 1
            (offsets[position], weights[position]) = (0, 1)
            for axis in 0..<axes {
              let size = Int32(truncatingIfNeeded: sizes[axis])
              for tap in (0..<known).reversed() {
                let (offset, weight) = (
                  offsets[tap * count + position], weights[tap * count + position]
                )
                for part in (0..<perAxis).reversed() {
                  let own = axis * perAxis + part
                  let target = (tap * perAxis + part) * count + position
                  offsets[target] =
                    offset < 0 || places[own] < 0
                    ? -1 : offset &* size &+ Int32(truncatingIfNeeded: places[own])
                  weights[target] = weight * parts[own]
                }
              }
              known *= perAxis
            }
          }
        }
      }
    }

    /// The taps along one axis.
    private func findTaps<T: Real>(
      along size: Int, at normalised: T, _ places: UnsafeMutablePointer<Int>,
      _ weights: UnsafeMutablePointer<T>
    ) {
      places.update(repeating: -1, count: tapsPerAxis)
      weights.update(repeating: 0, count: tapsPerAxis)
      let length = T(size)
      var x =
        alignsCorners ? (normalised + 1) / 2 * (length - 1) : ((normalised + 1) * length - 1) / 2
      guard x.isFinite, size > 0 else { return }
      if mode == .nearest { x = x.rounded(.toNearestOrEven) }
      let low: T = alignsCorners ? 0 : -0.5
      let high = alignsCorners ? length - 1 : length - 0.5
      if x < low || x > high {
        switch padding {
        case .zeros: break
        case .border: x = min(max(x, 0), length - 1)
        case .reflection: x = reflected(x, low, high)
        }
      }
      // Far outside everything is padding, and an Int would overflow.
      guard x.magnitude < 0x1p40 else { return }
      let base = Int(x.rounded(.down))
      let fraction = x - x.rounded(.down)
      switch mode {
      case .nearest:
        places[0] = place(Int(x), size, T.self)
        weights[0] = 1
      case .linear:
        (places[0], places[1]) = (place(base, size, T.self), place(base + 1, size, T.self))
        (weights[0], weights[1]) = (1 - fraction, fraction)
      case .cubic:
        // Keys' cubic convolution with a = -0.75.
        let a: T = -0.75
        func far(_ x: T) -> T { ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
        func near(_ x: T) -> T { ((a + 2) * x - (a + 3)) * x * x + 1 }
        for index in 0..<4 { places[index] = place(base - 1 + index, size, T.self) }
        (weights[0], weights[1]) = (far(fraction + 1), near(fraction))
        (weights[2], weights[3]) = (near(1 - fraction), far(2 - fraction))
      }
    }

    /// Where an index along an axis leads; -1 where it counts as zero.
    private func place<T: Real>(_ index: Int, _ size: Int, _ type: T.Type) -> Int {
      if index >= 0, index < size { return index }
      switch padding {
      case .zeros: return -1
      case .border: return min(max(index, 0), size - 1)
      case .reflection:
        let low: T = alignsCorners ? 0 : -0.5
        let high = alignsCorners ? T(size) - 1 : T(size) - 0.5
        return min(max(Int(reflected(T(index), low, high)), 0), size - 1)
      }
    }

    private func reflected<T: Real>(_ x: T, _ low: T, _ high: T) -> T {
      let range = high - low
      guard range > 0 else { return low }
      let outside = x < low ? low - x : x > high ? x - high : nil
      guard let outside else { return x }
      let turns = (outside / range).rounded(.towardZero)
      let rest = outside - turns * range
      let isEven = turns.truncatingRemainder(dividingBy: 2) == 0
      return (x < low) == isEven ? low + rest : high - rest
    }
  }
}

/// AffineGrid: the grid that GridSample needs for an affine map theta [N, k, k + 1].
enum AffineGrid: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let theta = try call.tensor(0).view(as: T.self)
    guard let size = try call.ints(1), size.count == 4 || size.count == 5 else {
      throw call.failure("size must be [N, C, H, W] or [N, C, D, H, W]")
    }
    let sizes = Array(size[2...])
    let axes = sizes.count
    guard theta.shape == [size[0], axes, axes + 1], sizes.allSatisfy({ $0 >= 0 }) else {
      throw call.failure("theta must be [\(size[0]), \(axes), \(axes + 1)], not \(theta.shape)")
    }
    let alignsCorners = call.node.flag("align_corners")
    let coordinates = sizes.map { length in
      (0..<length).map { index in
        alignsCorners
          ? length > 1 ? 2 * Double(index) / Double(length - 1) - 1 : -1
          : (2 * Double(index) + 1) / Double(length) - 1
      }
    }
    let places = sizes.reduce(1, *)
    let y = try call.output([size[0]] + sizes + [axes], of: T.self)
    for place in 0..<places {
      var rest = place
      // Homogeneous, the last axis first: (x, y, 1) or (x, y, z, 1).
      var point: [Double] = []
      for axis in (0..<axes).reversed() {
        point.append(coordinates[axis][rest % sizes[axis]])
        rest /= sizes[axis]
      }
      point.append(1)
      for n in 0..<size[0] {
        for row in 0..<axes {
          var sum = 0.0
          for column in 0...axes {
            sum += Double(theta[(n * axes + row) * (axes + 1) + column]) * point[column]
          }
          y[(n * places + place) * axes + row] = T(sum)
        }
      }
    }
    return [y.datum]
  }
}
