internal import CKernels
internal import SurgeonIR

/// Reductions over any dimensions, and the global pools, of values in any arrangement.
struct FastReduction: FastKernel {
  private enum Result {
    case whole
    case mean
    case root
    case logarithm
  }

  private let reduction: ck_reduction
  private let result: Result
  /// A pool's dimensions are all after the channels.
  private let isPool: Bool

  private init(_ reduction: ck_reduction, _ result: Result) {
    (self.reduction, self.result, isPool) = (reduction, result, false)
  }

  init?(_ node: NodeDescription) {
    isPool = node.opType.hasPrefix("Global")
    switch node.opType {
    case "GlobalAveragePool", "ReduceMean": (reduction, result) = (CK_SUM, .mean)
    case "GlobalMaxPool", "ReduceMax": (reduction, result) = (CK_LARGEST, .whole)
    case "ReduceL1": (reduction, result) = (CK_SUM_MAGNITUDES, .whole)
    case "ReduceL2": (reduction, result) = (CK_SUM_SQUARES, .root)
    case "ReduceLogSum": (reduction, result) = (CK_SUM, .logarithm)
    case "ReduceMin": (reduction, result) = (CK_SMALLEST, .whole)
    case "ReduceSum": (reduction, result) = (CK_SUM, .whole)
    case "ReduceSumSquare": (reduction, result) = (CK_SUM_SQUARES, .whole)
    default: return nil
    }
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let shape = call.float32Shape(0), shape.allSatisfy({ $0 > 0 }) else { return nil }
    let rank = shape.count
    let axes: [Int]
    let resultShape: [Int]
    if isPool {
      guard rank >= 3 else { return nil }
      axes = Array(2..<rank)
      resultShape = shape[..<2] + axes.map { _ in 1 }
    } else {
      let plan = try ReducedAxes(call, shape: shape)
      (axes, resultShape) = (plan.reduced, plan.resultShape)
    }
    guard !axes.isEmpty else { return nil }
    if case .layout(let layout as GroupedTensor)? = call.inputs[0], axes == [2] {
      return try groups(layout, resultShape, call)
    }
    guard var x = try call.strided(0) else { return nil }
    var plan = StridedReduction(x, over: axes)
    if plan == nil {
      x = try x.arranged(.rowMajor)
      plan = StridedReduction(x, over: axes)
    }
    guard let plan else { return nil }
    var strides = plan.resultStrides
    if resultShape.count < rank {
      strides = shape.indices.filter { !axes.contains($0) }.map { strides[$0] }
    }
    let y = try StridedTensor(shape: resultShape, strides: strides, call.context)
    try reduce(plan, by: 1, length: x.count / plan.resultCount, into: y, call)
    return [.layout(y)]
  }

  /// The same of each group's channels.
  private func groups(
    _ x: GroupedTensor, _ shape: [Int], _ call: KernelCall
  ) throws(SurgeonError) -> [RuntimeValue?]? {
    let source = x.source
    guard let plan = StridedReduction(source, over: Array(2..<source.shape.count)) else {
      return nil
    }
    let y = try call.result(shape, .rowMajor)
    try reduce(plan, by: source.shape[1] / x.shape[1], length: x.shape[2], into: y, call)
    return [.layout(y)]
  }

  /// - Parameters:
  ///   - size: how many neighbouring results become one.
  ///   - length: how many elements become one in all.
  private func reduce(
    _ plan: StridedReduction, by size: Int, length: Int, into y: StridedTensor, _ call: KernelCall
  ) throws(SurgeonError) {
    let byteCount = plan.resultCount * MemoryLayout<Double>.stride
    let block = try call.context.allocate(byteCount: byteCount)
    let numbers = block.base.bindMemory(to: Double.self, capacity: plan.resultCount)
    plan.run(reduction, into: numbers, threads: call.threads)
    let count = plan.resultCount / size
    if size > 1 {
      for index in 0..<count {
        var total = numbers[index * size]
        for member in 1..<size {
          total = reduction.combine(total, numbers[index * size + member])
        }
        numbers[index] = total
      }
    }
    switch result {
    case .whole: for index in 0..<count { y.base[index] = Float(numbers[index]) }
    case .mean:
      let length = Double(length)
      for index in 0..<count { y.base[index] = Float(numbers[index] / length) }
    case .root: for index in 0..<count { y.base[index] = Float(numbers[index].squareRoot()) }
    case .logarithm: for index in 0..<count { y.base[index] = Float(Double.log(numbers[index])) }
    }
    withExtendedLifetime((block, y)) {}
  }

  /// True where `node` averages the positions of a value of the given rank, each channel by itself.
  static func averagesPositions(_ node: NodeDescription, rank: Int) throws(SurgeonError) -> Bool {
    guard node.opType == "ReduceMean" else { return node.opType == "GlobalAveragePool" }
    var axes = node.ints("axes")
    if axes == nil, node.constants.count > 1 { axes = try node.constants[1]?.intElements() }
    guard let axes, axes.count == rank - 2 else { return false }
    return (2..<rank).allSatisfy { axes.contains($0) || axes.contains($0 - rank) }
  }

  /// The mean of each channel of each image of a channels-last value, in this order; nil where no
  /// dimension's elements are neighbours.
  static func averages(
    _ x: StridedTensor, _ call: KernelCall
  ) throws(SurgeonError) -> StridedTensor? {
    guard let plan = StridedReduction(x, over: Array(2..<x.shape.count)) else { return nil }
    let y = try call.result(x.shape[..<2] + x.shape[2...].map { _ in 1 }, .rowMajor)
    try FastReduction(CK_SUM, .mean)
      .reduce(plan, by: 1, length: x.count / plan.resultCount, into: y, call)
    return y
  }
}
