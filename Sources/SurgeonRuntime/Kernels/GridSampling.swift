internal import SurgeonIR

/// GridSample: values of X [N, C, D1..Dk] at the positions that grid [N, O1..Ok, k] gives in
/// [-1, 1], the last axis first (x, y, z).
enum GridSample: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let grid = try call.tensor(1).view(as: T.self)
    let axes = x.shape.count - 2
    guard axes >= 1, grid.shape.count == axes + 2, grid.shape.last == axes,
      grid.shape[0] == x.shape[0]
    else { throw call.failure("a grid \(grid.shape) does not fit an input \(x.shape)") }
    let sampler = try Sampler(call, sizes: Array(x.shape[2...]))
    let (batch, channels) = (x.shape[0], x.shape[1])
    let places = grid.shape[1..<(axes + 1)].reduce(1, *)
    let y = try call.output([batch, channels] + grid.shape[1..<(axes + 1)], of: T.self)
    let plane = sampler.sizes.reduce(1, *)
    for n in 0..<batch {
      for place in 0..<places {
        let at = (n * places + place) * axes
        // In Float32 like the standard's own definition: where a coordinate falls on a half,
        // rounding decides which neighbour is nearest.
        let position = (0..<axes).map { axis in grid[at + axes - 1 - axis] }
        let taps = sampler.taps(at: position)
        for c in 0..<channels {
          let source = x.base + (n * channels + c) * plane
          var sum: T = 0
          for tap in taps { sum += tap.weight * source[tap.offset] }
          y[(n * channels + c) * places + place] = sum
        }
      }
    }
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

    func taps<T: Real>(at position: [T]) -> [(offset: Int, weight: T)] {
      var taps: [(offset: Int, weight: T)] = [(0, 1)]
      for (axis, size) in sizes.enumerated() {
        let along = self.taps(along: size, at: position[axis])
        taps = taps.flatMap { tap in
          along.map { (tap.offset * size + $0.offset, tap.weight * $0.weight) }
        }
      }
      return taps
    }

    private func taps<T: Real>(along size: Int, at normalised: T) -> [(offset: Int, weight: T)] {
      let length = T(size)
      var x =
        alignsCorners ? (normalised + 1) / 2 * (length - 1) : ((normalised + 1) * length - 1) / 2
      guard x.isFinite else { return [] }
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
      guard x.magnitude < 0x1p40 else { return [] }
      let base = Int(x.rounded(.down))
      let fraction = x - x.rounded(.down)
      switch mode {
      case .nearest: return tap(Int(x), 1, size)
      case .linear:
        return tap(base, 1 - fraction, size) + tap(base + 1, fraction, size)
      case .cubic:
        return cubicWeights(fraction).enumerated().flatMap { index, weight in
          tap(base - 1 + index, weight, size)
        }
      }
    }

    private func tap<T: Real>(_ index: Int, _ weight: T, _ size: Int) -> [(offset: Int, weight: T)]
    {
      switch padding {
      case .zeros: return (0..<size).contains(index) ? [(index, weight)] : []
      case .border: return [(min(max(index, 0), size - 1), weight)]
      case .reflection:
        let low: T = alignsCorners ? 0 : -0.5
        let high = alignsCorners ? T(size) - 1 : T(size) - 0.5
        let inside = Int(reflected(T(index), low, high))
        return [(min(max(inside, 0), size - 1), weight)]
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

    /// Keys' cubic convolution with a = -0.75.
    private func cubicWeights<T: Real>(_ x: T) -> [T] {
      let a: T = -0.75
      let far = { (x: T) in ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
      let near = { (x: T) in ((a + 2) * x - (a + 3)) * x * x + 1 }
      return [far(x + 1), near(x), near(1 - x), far(2 - x)]
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
