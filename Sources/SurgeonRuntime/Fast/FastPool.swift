internal import CDnnlLoader
internal import SurgeonIR
internal import SurgeonThreads

/// MaxPool and AveragePool.
struct FastPool: FastKernel {
  private struct Entry {
    let primitive: Primitive
    let outputShape: [Int]
    /// About what one thread takes.
    let nanoseconds: Int
  }

  private let isMaximum: Bool
  private var planes = PrimitiveCache<[Int], PlanePool?>()
  private var cache = PrimitiveCache<[Int], Entry?>()

  init?(_ node: NodeDescription) {
    // The indices of the largest elements are the reference engine's business.
    guard !node.needsOutput(1) else { return nil }
    isMaximum = node.opType == "MaxPool"
  }

  mutating func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let x = try call.strided(0), (3...5).contains(x.shape.count), x.count > 0 else {
      return nil
    }
    let isMaximum = isMaximum
    if x.matches(.rowMajor), x.shape[1] == 1 || !x.matches(.channelsLast) {
      let pool = try planes.entry(for: x.shape) { () throws(SurgeonError) in
        PlanePool(
          try call.poolWindow(x.shape).window, shape: x.shape, isMaximum: isMaximum,
          countsPadding: call.node.flag("count_include_pad"))
      }
      if let pool { return [.layout(try pool.run(x, call))] }
    }
    let found = try cache.entry(for: x.shape) { () throws(SurgeonError) in
      try Self.makeEntry(call, x.shape, isMaximum: isMaximum)
    }
    guard let entry = found else { return nil }
    if entry.nanoseconds < ThreadPool.worthSharing { OneDNN.use(threads: 1) }
    let source = try x.arranged(.channelsLast)
    let y = try call.result(entry.outputShape, .channelsLast)
    try entry.primitive.execute([source, y])
    return [.layout(y)]
  }

  private static func makeEntry(
    _ call: KernelCall, _ x: [Int], isMaximum: Bool
  ) throws(SurgeonError) -> Entry? {
    let window = try call.poolWindow(x).window
    let shape = Array(x[..<2]) + window.output
    guard window.output.allSatisfy({ $0 > 0 }) else { return nil }
    var algorithm = isMaximum ? DL_POOL_MAX : DL_POOL_AVERAGE
    if !isMaximum, call.node.flag("count_include_pad") {
      algorithm = DL_POOL_AVERAGE_PADDED
      // A last window that reaches over the padding (ceil_mode) counts what oneDNN does not.
      for axis in window.output.indices {
        let reach = (window.kernel[axis] - 1) * window.dilation[axis] + 1
        let end = (window.output[axis] - 1) * window.stride[axis] + reach - window.before[axis]
        guard end <= window.input[axis] + window.after[axis] else { return nil }
      }
    }
    var geometry = dl_window(
      input: window.input, output: window.output, kernel: window.kernel, stride: window.stride,
      dilation: window.dilation, before: window.before)
    var (source, target) = (dl_layout(x, .channelsLast), dl_layout(shape, .channelsLast))
    guard
      let primitive = Primitive({ dl_pool(algorithm, &source, &target, &geometry, $0) }),
      !primitive.isSlow
    else { return nil }
    return Entry(
      primitive: primitive, outputShape: shape,
      nanoseconds: window.kernel.reduce(shape.reduce(1, *)) { ThreadPool.work($0, $1) } / 8)
  }
}
