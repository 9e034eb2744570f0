internal import SurgeonIR

enum RNN: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    try Recurrence<RNNCell<T>>(call).run()
  }
}

enum GRU: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    try Recurrence<GRUCell<T>>(call).run()
  }
}

enum LSTM: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    try Recurrence<LSTMCell<T>>(call).run()
  }
}

/// The loop over time that RNN, GRU and LSTM share.
///
/// X is [time, batch, input] (layout 0) or [batch, time, input] (layout 1); W is
/// [directions, gates * hidden, input], R the same with `hidden` columns, B
/// [directions, 2 * gates * hidden]. Steps at or past an entry's `sequence_lens` yield zeros in Y
/// and leave the state alone.
private struct Recurrence<Cell: RecurrentCell> {
  typealias T = Cell.T

  private let call: KernelCall
  private let x: View<T>
  private let w: View<T>
  private let r: View<T>
  private let isBatchFirst: Bool
  private let directions: [Bool]
  private let (time, batch, inputSize, hidden): (Int, Int, Int, Int)
  private let lengths: [Int]

  init(_ call: KernelCall) throws(SurgeonError) {
    self.call = call
    x = try call.tensor(0).view(as: T.self)
    w = try call.tensor(1).view(as: T.self)
    r = try call.tensor(2).view(as: T.self)
    isBatchFirst = call.node.flag("layout")
    switch call.node.string("direction", default: "forward").lowercased() {
    case "forward": directions = [false]
    case "reverse": directions = [true]
    case "bidirectional": directions = [false, true]
    case let other: throw call.failure("there is no direction '\(other)'")
    }
    guard x.shape.count == 3, w.shape.count == 3, r.shape.count == 3 else {
      throw call.failure("X, W and R of \(call.node.opType) must have three dimensions")
    }
    time = x.shape[isBatchFirst ? 1 : 0]
    batch = x.shape[isBatchFirst ? 0 : 1]
    inputSize = x.shape[2]
    hidden = r.shape[2]
    let rows = Cell.gateCount * hidden
    guard w.shape == [directions.count, rows, inputSize],
      r.shape == [directions.count, rows, hidden]
    else {
      throw call.failure(
        "W must be [\(directions.count), \(rows), \(inputSize)] and R "
          + "[\(directions.count), \(rows), \(hidden)]")
    }
    if let declared = call.node.int("hidden_size"), declared != hidden {
      throw call.failure("hidden_size is \(declared), but R has \(hidden) columns")
    }
    let (time, batch) = (time, batch)
    lengths = try call.ints(4) ?? Array(repeating: time, count: batch)
    guard lengths.count == batch, lengths.allSatisfy({ (0...time).contains($0) }) else {
      throw call.failure("sequence_lens must give each of \(batch) entries a length up to \(time)")
    }
  }

  func run() throws(SurgeonError) -> [Datum?] {
    let count = directions.count
    let bias = try parameter(3, [count, 2 * Cell.gateCount * hidden])
    var state = try initialState(5)
    var cell = try initialState(6)
    let peepholes = try call.has(7) ? parameter(7, [count, 3 * hidden]) : []
    let activations = try RecurrentActivation.all(
      of: call.node, defaults: Cell.defaultActivations, directions: count)
    let y = try call.output(
      isBatchFirst ? [batch, time, count, hidden] : [time, count, batch, hidden], of: T.self)
    y.fill(0)
    for (direction, isReverse) in directions.enumerated() {
      let rows = Cell.gateCount * hidden
      let offset = direction * 2 * rows
      let setting = RecurrentSetting(
        hidden: hidden, activations: activations[direction],
        clip: call.node.float("clip").map { T($0) },
        recurrentBias: Array(bias[(offset + rows)..<(offset + 2 * rows)]),
        peepholes: peepholes.isEmpty
          ? [] : Array(peepholes[(direction * 3 * hidden)..<((direction + 1) * 3 * hidden)]),
        recurrence: r.base + direction * rows * hidden,
        isLinearBeforeReset: call.node.flag("linear_before_reset"),
        couplesInputForget: call.node.flag("input_forget"))
      try advance(
        Cell(setting), direction, isReverse: isReverse,
        inputBias: Array(bias[offset..<(offset + rows)]), &state, &cell, y)
    }
    let hasCell = Cell.gateCount == 4
    return [y.datum, try finalState(state), hasCell ? try finalState(cell) : nil]
  }

  private func advance(
    _ cell: Cell, _ direction: Int, isReverse: Bool, inputBias: [T], _ states: inout [T],
    _ cells: inout [T], _ y: Output<T>
  ) throws(SurgeonError) {
    let rows = Cell.gateCount * hidden
    let weights = w.base + direction * rows * inputSize
    let recurrence = r.base + direction * rows * hidden
    // What depends on the inputs alone is one product for all steps.
    let inputs = try call.output([time * batch, rows], of: T.self)
    call.multiply(
      rows: time * batch, columns: rows, depth: inputSize,
      left: MatrixView(base: x.base, rowStride: inputSize, columnStride: 1),
      right: MatrixView(base: weights, rowStride: 1, columnStride: inputSize), into: inputs.base)
    var projected = [T](repeating: 0, count: rows)
    var recurrent = projected
    states.withUnsafeMutableBufferPointer { states in
      cells.withUnsafeMutableBufferPointer { cells in
        for entry in 0..<batch {
          let at = (direction * batch + entry) * hidden
          guard let state = states.baseAddress, let memory = cells.baseAddress else { return }
          for step in 0..<lengths[entry] {
            let t = isReverse ? lengths[entry] - 1 - step : step
            let row = isBatchFirst ? entry * time + t : t * batch + entry
            for gate in 0..<rows {
              projected[gate] = inputBias[gate] + inputs.base[row * rows + gate]
              recurrent[gate] = dot(recurrence + gate * hidden, state + at, hidden)
            }
            cell.step(x: projected, recurrent: recurrent, state: state + at, cell: memory + at)
            let place =
              isBatchFirst
              ? (entry * time + t) * directions.count + direction
              : (t * directions.count + direction) * batch + entry
            (y.base + place * hidden).update(from: state + at, count: hidden)
          }
        }
      }
    }
  }

  @inline(__always)
  private func dot(_ a: UnsafePointer<T>, _ b: UnsafePointer<T>, _ count: Int) -> T {
    // Eight sums, which do not wait for each other.
    var lanes: (T, T, T, T, T, T, T, T) = (0, 0, 0, 0, 0, 0, 0, 0)
    var index = 0
    while index + 8 <= count {
      lanes.0 += a[index] * b[index]
      lanes.1 += a[index + 1] * b[index + 1]
      lanes.2 += a[index + 2] * b[index + 2]
      lanes.3 += a[index + 3] * b[index + 3]
      lanes.4 += a[index + 4] * b[index + 4]
      lanes.5 += a[index + 5] * b[index + 5]
      lanes.6 += a[index + 6] * b[index + 6]
      lanes.7 += a[index + 7] * b[index + 7]
      index += 8
    }
    var sum =
      ((lanes.0 + lanes.1) + (lanes.2 + lanes.3)) + ((lanes.4 + lanes.5) + (lanes.6 + lanes.7))
    while index < count {
      sum += a[index] * b[index]
      index += 1
    }
    return sum
  }

  private func parameter(_ slot: Int, _ shape: [Int]) throws(SurgeonError) -> [T] {
    guard let tensor = try call.optionalTensor(slot) else {
      return Array(repeating: 0, count: shape.reduce(1, *))
    }
    guard tensor.shape == shape else {
      throw call.failure("input \(slot) must be \(shape), not \(tensor.shape)")
    }
    return try tensor.view(as: T.self).elements
  }

  /// [directions, batch, hidden], whatever the layout of the input.
  private func initialState(_ slot: Int) throws(SurgeonError) -> [T] {
    let count = directions.count
    guard isBatchFirst else { return try parameter(slot, [count, batch, hidden]) }
    return swapped(try parameter(slot, [batch, count, hidden]), batch, count)
  }

  private func finalState(_ state: [T]) throws(SurgeonError) -> Datum {
    let count = directions.count
    let shape = isBatchFirst ? [batch, count, hidden] : [count, batch, hidden]
    let result = try call.output(shape, of: T.self)
    let ordered = isBatchFirst ? swapped(state, count, batch) : state
    for (index, number) in ordered.enumerated() { result[index] = number }
    return result.datum
  }

  /// [a, b, hidden] to [b, a, hidden].
  private func swapped(_ numbers: [T], _ a: Int, _ b: Int) -> [T] {
    var result = numbers
    for i in 0..<a {
      for j in 0..<b {
        for k in 0..<hidden { result[(j * a + i) * hidden + k] = numbers[(i * b + j) * hidden + k] }
      }
    }
    return result
  }
}
