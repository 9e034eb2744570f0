internal import SurgeonIR

/// Matrix products and convolutions, which are linear in each factor.
extension Derivatives {
  @Sendable static func matMul(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let (a, b, gradient) = (try rule.input(0), try rule.input(1), try rule.gradient())
    return [
      rule.own(GradientOperators.leftFactor, gradient, a, b),
      rule.own(GradientOperators.rightFactor, gradient, a, b),
    ]
  }

  /// Of y = alpha a b + beta c, a and b transposed where the node says so.
  @Sendable static func gemm(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let (a, b, gradient) = (try rule.input(0), try rule.input(1), try rule.gradient())
    let node = rule.node
    func number(_ name: String) -> Float {
      if case .float(let value)? = node.attribute(name)?.payload { value } else { 1 }
    }
    func flag(_ name: String) -> Bool {
      if case .int(let value)? = node.attribute(name)?.payload { value != 0 } else { false }
    }
    let (isLeftTransposed, isRightTransposed) = (flag("transA"), flag("transB"))
    func attributes(_ left: Bool, _ right: Bool) -> [Attribute] {
      [
        .float("alpha", number("alpha")), .int("transA", left ? 1 : 0),
        .int("transB", right ? 1 : 0),
      ]
    }
    let left =
      isLeftTransposed
      ? rule.add("Gemm", b, gradient, attributes: attributes(isRightTransposed, true))
      : rule.add("Gemm", gradient, b, attributes: attributes(false, !isRightTransposed))
    let right =
      isRightTransposed
      ? rule.add("Gemm", gradient, a, attributes: attributes(true, isLeftTransposed))
      : rule.add("Gemm", a, gradient, attributes: attributes(!isLeftTransposed, false))
    guard rule.hasInput(2) else { return [left, right] }
    let beta = rule.fill(number("beta"), like: gradient)
    let scaled = rule.add("Mul", gradient, beta)
    return [left, right, rule.unbroadcast(scaled, to: try rule.input(2))]
  }

  @Sendable static func conv(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let (x, weights, gradient) = (try rule.input(0), try rule.input(1), try rule.gradient())
    let attributes = rule.node.attributes
    return [
      rule.own(GradientOperators.convInput, gradient, x, weights, attributes: attributes),
      rule.own(GradientOperators.convWeights, gradient, x, weights, attributes: attributes),
      rule.hasInput(2) ? rule.own(GradientOperators.channelSum, gradient) : nil,
    ]
  }

  // MARK: Their gradients, which are bilinear too

  /// Of g b'.
  @Sendable static func leftFactor(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let (g, b, gradient) = (try rule.input(0), try rule.input(2), try rule.gradient())
    return [
      rule.add("MatMul", gradient, b), nil,
      rule.own(GradientOperators.rightFactor, g, gradient, b),
    ]
  }

  /// Of a' g.
  @Sendable static func rightFactor(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let (g, a, gradient) = (try rule.input(0), try rule.input(1), try rule.gradient())
    return [
      rule.add("MatMul", a, gradient),
      rule.own(GradientOperators.leftFactor, g, a, gradient), nil,
    ]
  }

  @Sendable static func convInput(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let (g, weights, gradient) = (try rule.input(0), try rule.input(2), try rule.gradient())
    let attributes = rule.node.attributes
    return [
      rule.add("Conv", gradient, weights, attributes: attributes), nil,
      rule.own(GradientOperators.convWeights, g, gradient, weights, attributes: attributes),
    ]
  }

  @Sendable static func convWeights(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let (g, x, gradient) = (try rule.input(0), try rule.input(1), try rule.gradient())
    let attributes = rule.node.attributes
    return [
      rule.add("Conv", x, gradient, attributes: attributes),
      rule.own(GradientOperators.convInput, g, x, gradient, attributes: attributes), nil,
    ]
  }
}
