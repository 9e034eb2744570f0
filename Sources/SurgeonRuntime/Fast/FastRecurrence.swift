internal import CDnnlLoader
internal import CKernels
internal import SurgeonIR
internal import SurgeonThreads

/// LSTM, GRU and RNN with their usual activations: what depends on the inputs alone is one product for
/// all steps, and a step reads its weights once, in blocks of hidden units that have all their gates.
struct FastRecurrence: FastKernel {
  private let opType: String
  private let directions: [Bool]
  private let isBatchFirst: Bool
  private let isLinearBeforeReset: Bool
  private let isRelu: Bool
  private let constants: [Tensor?]
  private var cache = PrimitiveCache<[[Int]], FastProduct?>()
  private var packed: PackedRecurrence?

  init?(_ node: NodeDescription) throws(SurgeonError) {
    opType = node.opType
    switch node.string("direction", default: "forward").lowercased() {
    case "forward": directions = [false]
    case "reverse": directions = [true]
    case "bidirectional": directions = [false, true]
    default: return nil
    }
    isBatchFirst = node.flag("layout")
    isLinearBeforeReset = node.flag("linear_before_reset")
    let usual = [
      "LSTM": ["sigmoid", "tanh", "tanh"], "GRU": ["sigmoid", "tanh"], "RNN": ["tanh"],
    ]
    let names = node.strings("activations")?.map {
      String(decoding: $0, as: UTF8.self).lowercased()
    }
    let count = directions.count
    isRelu = opType == "RNN" && names == Array(repeating: "relu", count: count)
    guard let defaults = usual[opType],
      names.map({ $0 == (0..<count).flatMap { _ in defaults } }) ?? true || isRelu,
      node.float("clip") == nil, !node.flag("input_forget"),
      node.hasInput.count < 8 || !node.hasInput[7]
    else { return nil }
    constants = node.constants
  }

  private var gateCount: Int { opType == "LSTM" ? 4 : opType == "GRU" ? 3 : 1 }

  mutating func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let x = try call.strided(0, .rowMajor), let w = try call.strided(1, .rowMajor),
      let r = try call.strided(2, .rowMajor), x.shape.count == 3, x.count > 0, r.count > 0
    else { return nil }
    let (time, batch) = isBatchFirst ? (x.shape[1], x.shape[0]) : (x.shape[0], x.shape[1])
    let (count, hidden) = (directions.count, r.shape.last ?? 0)
    let rows = gateCount * hidden
    guard w.shape == [count, rows, x.shape[2]], r.shape == [count, rows, hidden],
      call.node.int("hidden_size").map({ $0 == hidden }) ?? true
    else { return nil }
    // Entries of several lengths are the reference engine's.
    if let lengths = try call.ints(4), lengths != Array(repeating: time, count: batch) {
      return nil
    }
    let stateShape = isBatchFirst ? [batch, count, hidden] : [count, batch, hidden]
    let start = try call.strided(5, .rowMajor)
    let memory = try call.strided(6, .rowMajor)
    let given = try call.strided(3, .rowMajor)
    for (slot, value) in [(5, start), (6, memory)] where call.has(slot) {
      guard value?.shape == stateShape else { return nil }
    }
    if call.has(3) { guard given?.shape == [count, 2 * rows] else { return nil } }
    let bias = Bias(
      given, gates: gateCount, hidden: hidden, directions: count,
      keepsCandidate: opType == "GRU" && isLinearBeforeReset)
    guard let projected = try project(x, w, bias.projected, call) else { return nil }
    let weights: PackedRecurrence
    if let packed {
      weights = packed
    } else {
      weights = try PackedRecurrence(r, gates: gateCount, call.context, threads: call.threads)
      if constants.count > 2, constants[2] != nil { packed = weights }
    }
    let shape = isBatchFirst ? [batch, time, count, hidden] : [time, count, batch, hidden]
    let loop = RecurrentLoop(
      cell: opType == "LSTM"
        ? CK_LSTM
        : opType == "GRU"
          ? isLinearBeforeReset ? CK_GRU_LINEAR : CK_GRU_GATES : isRelu ? CK_RNN_RELU : CK_RNN_TANH,
      gates: gateCount, time: time, batch: batch, hidden: hidden, directions: directions,
      isBatchFirst: isBatchFirst, weights: weights, projected: projected,
      candidateBias: bias.candidate, y: try call.result(shape, .rowMajor),
      state: try call.result([count, batch, hidden], .rowMajor),
      cells: try call.result([count, batch, hidden], .rowMajor),
      scratch: try call.result([2, count, batch, hidden], .rowMajor))
    loop.begin(state: start, cells: memory)
    loop.run(threads: call.threads)
    let finalState = try call.result(stateShape, .rowMajor)
    loop.end(loop.lastStates, into: finalState)
    guard opType == "LSTM" else { return [.layout(loop.y), .layout(finalState)] }
    let finalCells = try call.result(stateShape, .rowMajor)
    loop.end(loop.cellStates, into: finalCells)
    return [.layout(loop.y), .layout(finalState), .layout(finalCells)]
  }

  /// W x and the biases, for all steps, entries and directions.
  private mutating func project(
    _ x: StridedTensor, _ w: StridedTensor, _ bias: [Float], _ call: KernelCall
  ) throws(SurgeonError) -> StridedTensor? {
    let (depth, columns) = (x.shape[2], bias.count)
    let rows = x.count / depth
    let y = try call.result([rows, columns], .rowMajor)
    let left = x.alias(shape: [rows, depth], strides: [depth, 1])
    var matrix: Tensor?
    if constants.count > 1, let constant = constants[1], constant.elementType == .float32 {
      matrix = Tensor(elementType: .float32, shape: [columns, depth], bytes: try constant.bytes())
    }
    let right = w.alias(shape: [depth, columns], strides: [1, depth])
    let found = try cache.entry(for: [[rows, depth, columns]]) { () throws(SurgeonError) in
      try FastProduct(
        left: dl_layout(left), right: dl_layout(right), shape: [depth, columns], constant: matrix,
        isTransposed: true, bias: dl_layout([1, columns], .rowMajor),
        result: dl_layout([rows, columns], .rowMajor), rows: rows, call.context)
    }
    let addend = try call.result([1, columns], .rowMajor)
    addend.base.update(from: bias, count: columns)
    if let found {
      try found.execute(left, matrix == nil ? right : nil, bias: addend, into: y, call.context)
      return y
    }
    call.multiply(
      rows: rows, columns: columns, depth: depth,
      left: MatrixView(base: UnsafePointer(x.base), rowStride: depth, columnStride: 1),
      right: MatrixView(base: UnsafePointer(w.base), rowStride: 1, columnStride: depth),
      into: y.base)
    withExtendedLifetime((x, w)) {}
    return try ElementwiseChain(steps: [.init(op: CK_ADD, operand: addend)])
      .run(y, shape: y.shape, .rowMajor, call.context, into: y)
  }
}

/// Wb + Rb, but for the candidate's part of Rb where that is scaled before it is added.
private struct Bias {
  /// By direction, then by gate.
  private(set) var projected: [Float]
  private(set) var candidate: [Float]

  init(
    _ given: StridedTensor?, gates: Int, hidden: Int, directions: Int, keepsCandidate: Bool
  ) {
    let rows = gates * hidden
    projected = Array(repeating: 0, count: directions * rows)
    candidate = Array(repeating: 0, count: keepsCandidate ? directions * hidden : 0)
    guard let given else { return }
    for direction in 0..<directions {
      let base = given.base + direction * 2 * rows
      for row in 0..<rows {
        if keepsCandidate, row >= 2 * hidden {
          projected[direction * rows + row] = base[row]
          candidate[direction * hidden + row - 2 * hidden] = base[rows + row]
        } else {
          projected[direction * rows + row] = base[row] + base[rows + row]
        }
      }
    }
    withExtendedLifetime(given) {}
  }
}

/// R in the arrangement of `ck_recurrence`, one direction after the other.
private struct PackedRecurrence {
  let elements: StridedTensor
  /// Elements of a direction.
  let stride: Int

  init(
    _ r: StridedTensor, gates: Int, _ context: ExecutionContext, threads: Int
  ) throws(SurgeonError) {
    let (units, hidden) = (Int(CK_UNITS), r.shape[2])
    let blocks = (hidden + units - 1) / units
    stride = blocks * gates * hidden * units
    elements = try StridedTensor(shape: [r.shape[0], stride], .rowMajor, context)
    elements.share()
    let (target, length) = (elements.base, hidden * units)
    ThreadPool.shared.run(count: r.shape[0] * blocks * gates, threads: threads) { index in
      let (direction, rest) = (index / (blocks * gates), index % (blocks * gates))
      let (unit, gate) = (rest / gates * units, rest % gates)
      let source = r.base + ((direction * gates + gate) * hidden + unit) * hidden
      let panel = target + index * length
      let width = min(units, hidden - unit)
      if width < units { panel.update(repeating: 0, count: length) }
      ck_copy_2d(
        Int64(hidden), Int64(width), source, 1, Int64(hidden), panel, Int64(units))
    }
    withExtendedLifetime(r) {}
  }
}

/// The steps of all directions. What an entry's units compute does not depend on who else computes, so
/// that any number of threads yields the same bits.
private struct RecurrentLoop {
  let cell: ck_cell
  let gates: Int
  let time: Int
  let batch: Int
  let hidden: Int
  let directions: [Bool]
  let isBatchFirst: Bool
  let weights: PackedRecurrence
  let projected: StridedTensor
  let candidateBias: [Float]
  let y: StridedTensor
  /// h before the first step, the cells, and z and r h of a step: [directions, batch, hidden].
  let state: StridedTensor
  let cells: StridedTensor
  let scratch: StridedTensor

  func begin(state start: StridedTensor?, cells memory: StridedTensor?) {
    for (target, given) in [(state, start), (cells, memory)] {
      if let given {
        let own = isBatchFirst ? [hidden, directions.count * hidden, 1] : given.strides
        StridedCopy.copy(
          given.alias(shape: target.shape, strides: own), to: target, threads: 1)
      } else {
        target.base.update(repeating: 0, count: target.count)
      }
    }
  }

  /// The cells, [directions, batch, hidden].
  var cellStates: StridedTensor { cells }

  /// h after the last step of each direction.
  var lastStates: StridedTensor {
    let strides = [hidden * (isBatchFirst ? 1 : batch), entryStride, 1]
    for (direction, isReverse) in directions.enumerated() {
      let last = y.alias(
        shape: [1, batch, hidden], strides: strides,
        offset: offset(direction, isReverse ? 0 : time - 1))
      StridedCopy.copy(
        last,
        to: state.alias(
          shape: [1, batch, hidden], strides: state.strides,
          offset: direction * batch * hidden), threads: 1)
    }
    return state
  }

  func end(_ values: StridedTensor, into result: StridedTensor) {
    let own = isBatchFirst ? [hidden, directions.count * hidden, 1] : result.strides
    StridedCopy.copy(
      values, to: result.alias(shape: values.shape, strides: own), threads: 1)
  }

  /// Where Y of a direction and a time begins, and how far apart its entries are.
  private func offset(_ direction: Int, _ t: Int) -> Int {
    let count = directions.count
    return isBatchFirst
      ? (t * count + direction) * hidden : (t * count + direction) * batch * hidden
  }
  private var entryStride: Int { isBatchFirst ? time * directions.count * hidden : hidden }

  func run(threads: Int) {
    let units = Int(CK_UNITS)
    let blocks = (hidden + units - 1) / units
    withExtendedLifetime((self, candidateBias)) {
      candidateBias.withUnsafeBufferPointer { bias in
        // Of large steps threads share the units, of small ones directions and entries.
        if gates * hidden * hidden * batch >= 1 << 18 {
          // One thread goes through one direction after the other, whose weights stay in its cache.
          let isAlone = threads == 1
          for group in 0..<(isAlone ? directions.count : 1) {
            for step in 0..<time {
              for phase in phases {
                let count = isAlone ? blocks : directions.count * blocks
                ThreadPool.shared.run(count: count, threads: threads) { index in
                  var work = recurrence(group + index / blocks, step, bias.baseAddress)
                  work.cell = phase
                  ck_recurrent_step(&work, Int64(index % blocks * units), 0, Int64(batch))
                }
              }
            }
          }
          return
        }
        let entries = 16
        let parts = (batch + entries - 1) / entries
        ThreadPool.shared.run(
          count: directions.count * parts, threads: threads,
          nanoseconds: ThreadPool.work(directions.count, time, gates, hidden, hidden, batch) / 16
        ) { index in
          let first = index % parts * entries
          let count = min(entries, batch - first)
          for step in 0..<time {
            var work = recurrence(index / parts, step, bias.baseAddress)
            for phase in phases {
              work.cell = phase
              for block in 0..<blocks {
                ck_recurrent_step(&work, Int64(block * units), Int64(first), Int64(count))
              }
            }
          }
        }
      }
    }
  }

  private var phases: [ck_cell] {
    cell == CK_GRU_GATES ? [CK_GRU_GATES, CK_GRU_CANDIDATE] : [cell]
  }

  private func recurrence(
    _ direction: Int, _ step: Int, _ bias: UnsafePointer<Float>?
  ) -> ck_recurrence {
    let count = directions.count
    let isReverse = directions[direction]
    let t = isReverse ? time - 1 - step : step
    let columns = count * gates * hidden
    let size = batch * hidden
    // X's rows are times and entries, in its own order.
    let row = isBatchFirst ? t : t * batch
    let before = isReverse ? t + 1 : t - 1
    return ck_recurrence(
      cell: cell, gate_count: Int32(gates), hidden: Int64(hidden),
      weights: weights.elements.base + direction * weights.stride,
      projected: projected.base + row * columns + direction * gates * hidden,
      projected_stride: Int64(isBatchFirst ? time * columns : columns),
      candidate_bias: bias.map { $0 + (candidateBias.isEmpty ? 0 : direction * hidden) },
      state: step == 0 ? state.base + direction * size : y.base + offset(direction, before),
      state_stride: Int64(step == 0 ? hidden : entryStride),
      result: y.base + offset(direction, t), result_stride: Int64(entryStride),
      cells: cells.base + direction * size, updates: scratch.base + direction * size,
      scratch: scratch.base + (count + direction) * size)
  }
}
