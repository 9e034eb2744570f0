internal import SurgeonIR

/// MaxPool and AveragePool.
struct FastPool: FastKernel {
  private let isMaximum: Bool
  private var planes = PrimitiveCache<[Int], PlanePool?>()
  private var channels = PrimitiveCache<[Int], ChannelPool?>()

  init?(_ node: NodeDescription) {
    // The indices of the largest elements are the reference engine's business.
    guard !node.needsOutput(1) else { return nil }
    isMaximum = node.opType == "MaxPool"
  }

  mutating func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let x = try call.strided(0), x.shape.count >= 3, x.count > 0 else { return nil }
    let isMaximum = isMaximum
    if x.matches(.rowMajor), x.shape[1] == 1 || !x.matches(.channelsLast) {
      let pool = try planes.entry(for: x.shape) { () throws(SurgeonError) in
        PlanePool(
          try call.poolWindow(x.shape).window, shape: x.shape, isMaximum: isMaximum,
          countsPadding: call.node.flag("count_include_pad"))
      }
      if let pool { return [.layout(try pool.run(x, call))] }
    }
    let pool = try channels.entry(for: x.shape) { () throws(SurgeonError) in
      ChannelPool(
        try call.poolWindow(x.shape).window, channels: x.shape[1], isMaximum: isMaximum,
        countsPadding: call.node.flag("count_include_pad"))
    }
    guard let pool else { return nil }
    return [.layout(try pool.run(try x.arranged(.channelsLast), call))]
  }
}
