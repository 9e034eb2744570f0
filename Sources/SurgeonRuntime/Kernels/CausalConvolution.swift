internal import SurgeonIR

/// CausalConvWithState: a depthwise convolution over [N, C, length] that sees only the past, the
/// last positions of which come in as a state and go out as the next.
enum CausalConvolution: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let w = try call.tensor(1).view(as: T.self)
    guard x.shape.count == 3, w.shape.count == 3, w.shape[0] == x.shape[1], w.shape[1] == 1,
      w.shape[2] > 0
    else { throw call.failure("a weight \(w.shape) does not fit an input \(x.shape)") }
    let (batch, channels, length, kernel) = (x.shape[0], x.shape[1], x.shape[2], w.shape[2])
    let bias = try call.optionalTensor(2)?.view(as: T.self)
    let past = try call.optionalTensor(3)?.view(as: T.self)
    guard bias.map({ $0.count == channels }) ?? true,
      past.map({ $0.shape == [batch, channels, kernel - 1] }) ?? true
    else { throw call.failure("bias or past_state do not fit \(channels) channels") }
    let activation = call.node.string("activation", default: "none")
    guard ["none", "silu", "swish"].contains(activation) else {
      throw call.failure("there is no activation '\(activation)'")
    }
    let y = try call.output(x.shape, of: T.self)
    let state = try call.output([batch, channels, kernel - 1], of: T.self)
    var line = [T](repeating: 0, count: length + kernel - 1)
    for row in 0..<(batch * channels) {
      let channel = row % channels
      for i in 0..<(kernel - 1) { line[i] = past.map { $0[row * (kernel - 1) + i] } ?? 0 }
      for i in 0..<length { line[kernel - 1 + i] = x[row * length + i] }
      for i in 0..<length {
        var sum = bias?[channel] ?? 0
        for j in 0..<kernel { sum += line[i + j] * w[channel * kernel + j] }
        y[row * length + i] = activation == "none" ? sum : sum / (1 + T.exp(-sum))
      }
      for i in 0..<(kernel - 1) { state[row * (kernel - 1) + i] = line[length + i] }
    }
    return [y.datum, state.datum]
  }
}
