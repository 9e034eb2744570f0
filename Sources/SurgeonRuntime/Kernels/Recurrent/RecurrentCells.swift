/// What an RNN, GRU or LSTM computes from the gates' products at one step, for one batch entry.
protocol RecurrentCell<T> {
  associatedtype T: Real

  /// Blocks of `hidden` rows in W and R.
  static var gateCount: Int { get }
  static var defaultActivations: [String] { get }

  init(_ setting: RecurrentSetting<T>)

  /// Updates `state` (and the LSTM's `cell`).
  ///
  /// - Parameters:
  ///   - x: W x + Wb, gate by gate.
  ///   - recurrent: R h, gate by gate, without Rb.
  func step(
    x: UnsafePointer<T>, recurrent: UnsafePointer<T>, state: UnsafeMutablePointer<T>,
    cell: UnsafeMutablePointer<T>)
}

/// What is the same at every step of one direction.
struct RecurrentSetting<T: Real> {
  let hidden: Int
  let activations: [RecurrentActivation]
  let clip: T?
  /// Rb, gate by gate.
  let recurrentBias: [T]
  /// P of the LSTM (input, output, forget); empty without peepholes.
  let peepholes: [T]
  /// R, [gates * hidden, hidden].
  let recurrence: UnsafePointer<T>
  let isLinearBeforeReset: Bool
  let couplesInputForget: Bool

  @inline(__always) func clipped(_ x: T) -> T {
    guard let clip else { return x }
    return min(max(x, -clip), clip)
  }
}

/// h = f(W x + Wb + R h + Rb)
struct RNNCell<T: Real>: RecurrentCell {
  static var gateCount: Int { 1 }
  static var defaultActivations: [String] { ["Tanh"] }
  let setting: RecurrentSetting<T>
  init(_ setting: RecurrentSetting<T>) { self.setting = setting }

  func step(
    x: UnsafePointer<T>, recurrent: UnsafePointer<T>, state: UnsafeMutablePointer<T>,
    cell: UnsafeMutablePointer<T>
  ) {
    for j in 0..<setting.hidden {
      let sum = x[j] + recurrent[j] + setting.recurrentBias[j]
      state[j] = setting.activations[0](setting.clipped(sum))
    }
  }
}

/// z and r by f; the candidate by g, with r before or after the product with R; then
/// h = (1 - z) candidate + z h. Gates stand in the order z, r, h.
struct GRUCell<T: Real>: RecurrentCell {
  static var gateCount: Int { 3 }
  static var defaultActivations: [String] { ["Sigmoid", "Tanh"] }
  let setting: RecurrentSetting<T>
  init(_ setting: RecurrentSetting<T>) { self.setting = setting }

  func step(
    x: UnsafePointer<T>, recurrent: UnsafePointer<T>, state: UnsafeMutablePointer<T>,
    cell: UnsafeMutablePointer<T>
  ) {
    let (size, bias) = (setting.hidden, setting.recurrentBias)
    let (f, g) = (setting.activations[0], setting.activations[1])
    var update = [T](repeating: 0, count: size)
    var reset = update
    for j in 0..<size {
      update[j] = f(setting.clipped(x[j] + recurrent[j] + bias[j]))
      reset[j] = f(setting.clipped(x[size + j] + recurrent[size + j] + bias[size + j]))
    }
    var candidate = update
    if setting.isLinearBeforeReset {
      for j in 0..<size {
        let inner = recurrent[2 * size + j] + bias[2 * size + j]
        candidate[j] = g(setting.clipped(x[2 * size + j] + reset[j] * inner))
      }
    } else {
      let weights = setting.recurrence + 2 * size * size
      for j in 0..<size {
        var sum: T = 0
        for k in 0..<size { sum += weights[j * size + k] * (reset[k] * state[k]) }
        candidate[j] = g(setting.clipped(x[2 * size + j] + sum + bias[2 * size + j]))
      }
    }
    for j in 0..<size { state[j] = (1 - update[j]) * candidate[j] + update[j] * state[j] }
  }
}

/// c = forget c + input candidate; h = output h(c). Gates stand in the order i, o, f, c.
struct LSTMCell<T: Real>: RecurrentCell {
  static var gateCount: Int { 4 }
  static var defaultActivations: [String] { ["Sigmoid", "Tanh", "Tanh"] }
  let setting: RecurrentSetting<T>
  init(_ setting: RecurrentSetting<T>) { self.setting = setting }

  func step(
    x: UnsafePointer<T>, recurrent: UnsafePointer<T>, state: UnsafeMutablePointer<T>,
    cell: UnsafeMutablePointer<T>
  ) {
    let (size, bias, peephole) = (setting.hidden, setting.recurrentBias, setting.peepholes)
    let hasPeepholes = !peephole.isEmpty
    let (f, g, h) = (setting.activations[0], setting.activations[1], setting.activations[2])
    for j in 0..<size {
      func gate(_ index: Int) -> T {
        let at = index * size + j
        return x[at] + recurrent[at] + bias[at]
      }
      let old = cell[j]
      let input = f(setting.clipped(gate(0) + (hasPeepholes ? peephole[j] * old : 0)))
      let forget =
        setting.couplesInputForget
        ? 1 - input
        : f(setting.clipped(gate(2) + (hasPeepholes ? peephole[2 * size + j] * old : 0)))
      let new = forget * old + input * g(setting.clipped(gate(3)))
      let output = f(setting.clipped(gate(1) + (hasPeepholes ? peephole[size + j] * new : 0)))
      cell[j] = new
      state[j] = output * h(new)
    }
  }
}
