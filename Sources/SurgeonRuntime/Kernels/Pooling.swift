internal import SurgeonIR

/// A walk over the windows of a pool.
struct PoolWindows {
  let window: Window
  /// For each axis and output index: the input positions inside of the input.
  let inside: [[[Int]]]
  /// How many positions a window has inside of the padded input, by axis and output index.
  let padded: [[Int]]

  init(_ window: Window) {
    self.window = window
    inside = window.output.indices.map { axis in
      (0..<window.output[axis]).map { index in
        let taps = window.positions(axis, index, from: 0, to: window.input[axis])
        return (0..<taps.count).map { taps.first + $0 * window.dilation[axis] }
      }
    }
    padded = window.output.indices.map { axis in
      let end = window.input[axis] + window.after[axis]
      return (0..<window.output[axis]).map { index in
        window.positions(axis, index, from: -window.before[axis], to: end).count
      }
    }
  }

  /// Calls `body` for each window with the output's position, the offsets in the input plane that
  /// it reads, and the number of elements with the padding.
  func walk(_ body: (Int, [Int], Int) -> Void) {
    let rank = window.output.count
    let strides = window.input.rowMajorStrides
    let count = window.output.reduce(1, *)
    var index = Array(repeating: 0, count: rank)
    var offsets: [Int] = []
    for position in 0..<count {
      offsets.removeAll(keepingCapacity: true)
      offsets.append(0)
      var total = 1
      for axis in 0..<rank {
        total *= padded[axis][index[axis]]
        let positions = inside[axis][index[axis]]
        if positions.count == 1 {
          for entry in offsets.indices { offsets[entry] += positions[0] * strides[axis] }
        } else {
          offsets = offsets.flatMap { offset in positions.map { offset + $0 * strides[axis] } }
        }
      }
      body(position, offsets, total)
      for axis in (0..<rank).reversed() {
        index[axis] += 1
        if index[axis] < window.output[axis] { break }
        index[axis] = 0
      }
    }
  }
}

extension KernelCall {
  /// The window of a pooling node, and the number of planes (batch times channels).
  func poolWindow(_ shape: [Int]) throws(SurgeonError) -> (window: Window, planes: Int) {
    guard shape.count >= 3 else { throw failure("an input of shape \(shape) has no window") }
    guard let kernel = node.ints("kernel_shape") else {
      throw failure("attribute 'kernel_shape' is missing")
    }
    let window = try Window(node, input: Array(shape[2...]), kernel: kernel)
    return (window, shape[0] * shape[1])
  }
}

/// The largest element of each window, and where it stands.
enum MaxPool: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let x = try tensor.view(as: T.self)
    let (window, planes) = try call.poolWindow(x.shape)
    let shape = Array(x.shape[..<2]) + window.output
    let y = try call.output(shape, of: T.self, as: tensor.elementType)
    let needsIndices = call.node.needsOutput(1)
    let indices = try call.output(needsIndices ? shape : [0], of: Int64.self)
    let (inputPlane, outputPlane) = window.geometry
    if !needsIndices {
      let lines = PoolLines(window)
      call.sharePlanes(planes, nanoseconds: lines.nanoseconds) { plane in
        lines.join(
          x.base + plane * inputPlane, into: y.base + plane * outputPlane, from: T.lowest
        ) { largest, value in value > largest || value != value ? value : largest }
      }
      return [y.datum]
    }
    let isColumnMajor = call.node.flag("storage_order")
    PoolWindows(window).walk { position, offsets, _ in
      for plane in 0..<planes {
        let source = x.base + plane * inputPlane
        var best = -1
        var largest = T.lowest
        for offset in offsets {
          let value = source[offset]
          if best < 0 || value > largest || value != value {
            (best, largest) = (offset, value)
          }
        }
        y[plane * outputPlane + position] = largest
        let index = isColumnMajor ? columnMajor(best, window.input) : best
        indices[plane * outputPlane + position] = Int64(plane * inputPlane + index)
      }
    }
    return [y.datum, indices.datum]
  }

  /// The position in a plane whose first axis is the fastest.
  private static func columnMajor(_ position: Int, _ sizes: [Int]) -> Int {
    var rest = position
    var digits: [Int] = []
    for size in sizes.reversed() {
      digits.append(rest % size)
      rest /= size
    }
    var result = 0
    for (digit, size) in zip(digits, sizes.reversed()) { result = result * size + digit }
    return result
  }
}

/// The mean of each window, with or without its padding.
enum AveragePool: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let (window, planes) = try call.poolWindow(x.shape)
    let y = try call.output(Array(x.shape[..<2]) + window.output, of: T.self)
    let countsPadding = call.node.flag("count_include_pad")
    let (inputPlane, outputPlane) = window.geometry
    var counts: [T] = []
    counts.reserveCapacity(outputPlane)
    PoolWindows(window).walk { _, offsets, padded in
      counts.append(T(countsPadding ? padded : offsets.count))
    }
    let lines = PoolLines(window)
    call.sharePlanes(planes, nanoseconds: lines.nanoseconds) { plane in
      let means = y.base + plane * outputPlane
      lines.join(x.base + plane * inputPlane, into: means, from: 0) { total, value in total + value
      }
      for position in 0..<outputPlane { means[position] /= counts[position] }
    }
    return [y.datum]
  }
}

/// The p-norm of each window.
enum LpPool: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let (window, planes) = try call.poolWindow(x.shape)
    let y = try call.output(Array(x.shape[..<2]) + window.output, of: T.self)
    let p = T(call.node.float("p") ?? Double(call.node.int("p", default: 2)))
    let (inputPlane, outputPlane) = window.geometry
    PoolWindows(window).walk { position, offsets, _ in
      for plane in 0..<planes {
        let source = x.base + plane * inputPlane
        var total: T = 0
        for offset in offsets { total += T.pow(source[offset].magnitude, p) }
        y[plane * outputPlane + position] = T.pow(total, 1 / p)
      }
    }
    return [y.datum]
  }
}

/// A function of all elements of a channel.
protocol PlaneFunction: SendableMetatype {
  static func apply<T: Real>(_ x: UnsafePointer<T>, count: Int, _ node: NodeDescription) -> T
}

func globally<F: PlaneFunction>(_ function: F.Type) -> ReferenceKernel.Body {
  real(GlobalPool<F>.self)
}

private enum GlobalPool<F: PlaneFunction>: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    guard x.shape.count >= 2 else { throw call.failure("the input has no channels") }
    let planes = x.shape[0] * x.shape[1]
    let length = x.shape[2...].reduce(1, *)
    let y = try call.output(
      Array(x.shape[..<2]) + Array(repeating: 1, count: x.shape.count - 2), of: T.self)
    for plane in 0..<planes {
      y[plane] = F.apply(x.base + plane * length, count: length, call.node)
    }
    return [y.datum]
  }
}

enum GlobalAveragePool: PlaneFunction {
  static func apply<T: Real>(_ x: UnsafePointer<T>, count: Int, _ node: NodeDescription) -> T {
    ReduceMean.reduce(x, count: count)
  }
}

enum GlobalMaxPool: PlaneFunction {
  static func apply<T: Real>(_ x: UnsafePointer<T>, count: Int, _ node: NodeDescription) -> T {
    ReduceMax.reduce(x, count: count)
  }
}

enum GlobalLpPool: PlaneFunction {
  static func apply<T: Real>(_ x: UnsafePointer<T>, count: Int, _ node: NodeDescription) -> T {
    let p = T(node.float("p") ?? Double(node.int("p", default: 2)))
    var total: T = 0
    for index in 0..<count { total += T.pow(x[index].magnitude, p) }
    return T.pow(total, 1 / p)
  }
}
