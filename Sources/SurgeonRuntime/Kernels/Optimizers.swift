internal import SurgeonIR

/// The optimizers of ai.onnx.preview.training. Inputs: the learning rate R, the step T, then all
/// tensors, their gradients, and the states; outputs: the new tensors and states.
enum Optimizers {
  /// One element: what becomes of a number, given its gradient and states.
  private typealias Update<T> = (_ x: T, _ g: T, _ states: [T]) -> (x: T, states: [T])

  enum Adagrad: RealOperator {
    static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
      let node = call.node
      let (rate, step) = try schedule(call, T.self)
      let decayed = rate / (1 + T(step) * T(node.float("decay_factor", default: 0)))
      let norm = T(node.float("norm_coefficient", default: 0))
      let epsilon = T(node.float("epsilon", default: 1e-6))
      return try apply(call, states: 1) { x, g, states in
        let gradient = norm * x + g
        let h = states[0] + gradient * gradient
        return (x - decayed * gradient / (h.squareRoot() + epsilon), [h])
      }
    }
  }

  enum Adam: RealOperator {
    static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
      let node = call.node
      let (rate, step) = try schedule(call, T.self)
      let alpha = T(node.float("alpha", default: 0.9))
      let beta = T(node.float("beta", default: 0.999))
      let norm = T(node.float("norm_coefficient", default: 0))
      let normAfter = T(node.float("norm_coefficient_post", default: 0))
      let epsilon = T(node.float("epsilon", default: 1e-6))
      var adjusted = rate
      if step > 0 {
        adjusted *= (1 - T.pow(beta, T(step))).squareRoot() / (1 - T.pow(alpha, T(step)))
      }
      let corrected = adjusted
      return try apply(call, states: 2) { x, g, states in
        let gradient = norm * x + g
        let v = alpha * states[0] + (1 - alpha) * gradient
        let h = beta * states[1] + (1 - beta) * gradient * gradient
        let moved = x - corrected * (v / (h.squareRoot() + epsilon))
        return ((1 - normAfter) * moved, [v, h])
      }
    }
  }

  enum Momentum: RealOperator {
    static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
      let node = call.node
      let (rate, step) = try schedule(call, T.self)
      let alpha = T(node.float("alpha", default: 0))
      let beta = step > 0 ? T(node.float("beta", default: 1)) : 1
      let norm = T(node.float("norm_coefficient", default: 0))
      let isNesterov = node.string("mode", default: "standard") == "nesterov"
      return try apply(call, states: 1) { x, g, states in
        let gradient = norm * x + g
        let v = alpha * states[0] + beta * gradient
        return (x - rate * (isNesterov ? gradient + alpha * v : v), [v])
      }
    }
  }

  private static func schedule<T: Real>(
    _ call: KernelCall, _ type: T.Type
  ) throws(SurgeonError) -> (rate: T, step: Int) {
    guard let rate = try call.tensor(0).float64Elements()?.first,
      let step = try call.ints(1)?.first
    else { throw call.failure("R must hold the learning rate and T the step") }
    return (T(rate), step)
  }

  private static func apply<T: Real>(
    _ call: KernelCall, states stateCount: Int, _ update: Update<T>
  ) throws(SurgeonError) -> [Datum?] {
    let kinds = stateCount + 2
    let count = (call.inputs.count - 2) / kinds
    guard count > 0, call.inputs.count == 2 + count * kinds else {
      throw call.failure("there must be a gradient and \(stateCount) states for every tensor")
    }
    var results = [Datum?](repeating: nil, count: count * (stateCount + 1))
    for index in 0..<count {
      let x = try call.tensor(2 + index).view(as: T.self)
      let g = try call.tensor(2 + count + index).view(as: T.self)
      var states: [View<T>] = []
      for state in 0..<stateCount {
        states.append(try call.tensor(2 + (2 + state) * count + index).view(as: T.self))
      }
      guard g.shape == x.shape, states.allSatisfy({ $0.shape == x.shape }) else {
        throw call.failure("a gradient or state has another shape than its tensor \(x.shape)")
      }
      let new = try call.output(x.shape, of: T.self)
      var newStates: [Output<T>] = []
      for _ in 0..<stateCount { newStates.append(try call.output(x.shape, of: T.self)) }
      for element in 0..<x.count {
        let (value, after) = update(x[element], g[element], states.map { $0[element] })
        new[element] = value
        for (state, number) in zip(newStates, after) { state[element] = number }
      }
      results[index] = new.datum
      for (state, output) in newStates.enumerated() {
        results[(state + 1) * count + index] = output.datum
      }
    }
    return results
  }
}
