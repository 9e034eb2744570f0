internal import SurgeonIR

/// Operators that move, repeat or sum elements, and those that are built on sums.
extension Derivatives {
  @Sendable static func reshape(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    [rule.own(GradientOperators.reshapeLike, try rule.gradient(), try rule.input(0))]
  }

  @Sendable static func expand(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    [rule.unbroadcast(try rule.gradient(), to: try rule.input(0))]
  }

  /// Of a sum that took the shape of something smaller.
  @Sendable static func broadcast(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    [rule.own(GradientOperators.broadcastLike, try rule.gradient(), try rule.input(0))]
  }

  @Sendable static func transpose(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    guard case .ints(let order)? = rule.node.attribute("perm")?.payload else {
      return [rule.add("Transpose", try rule.gradient())]
    }
    var inverse = order.map { _ in 0 }
    for (axis, source) in order.enumerated() {
      guard source >= 0, source < order.count else {
        throw SurgeonError(.invalidNode, "'perm' \(order) is no permutation")
      }
      inverse[Int(source)] = axis
    }
    return [rule.add("Transpose", try rule.gradient(), attributes: [.ints("perm", inverse)])]
  }

  @Sendable static func concat(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    var inputs: [Value.ID] = []
    for slot in rule.node.inputs.indices { inputs.append(try rule.input(slot)) }
    let gradient = try rule.gradient()
    let axis = rule.node.attributes.filter { $0.name == "axis" }
    return inputs.indices.map { slot in
      rule.own(
        GradientOperators.concatPart, inputs: [gradient] + inputs,
        attributes: axis + [.int("part", slot)])
    }
  }

  /// ReduceSum and ReduceMean: every element that went into a result gets its gradient.
  @Sendable static func reduce(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    var inputs = [try rule.gradient(), try rule.input(0)]
    if rule.hasInput(1) { inputs.append(try rule.input(1)) }
    let isMean = rule.node.opType == "ReduceMean"
    let spread = rule.own(
      GradientOperators.spread, inputs: inputs,
      attributes: rule.node.attributes + [.int("mean", isMean ? 1 : 0)])
    return [spread]
  }

  @Sendable static func globalAveragePool(
    _ rule: inout ChainRule
  ) throws(SurgeonError) -> [Value.ID?] {
    let attributes: [Attribute] = [.int("spatial", 1), .int("mean", 1)]
    return [
      rule.own(
        GradientOperators.spread, try rule.gradient(), try rule.input(0), attributes: attributes)
    ]
  }

  /// y (g - sum(g y)).
  @Sendable static func softmax(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let (y, gradient) = (try rule.output(), try rule.gradient())
    let product = rule.add("Mul", gradient, y)
    let total = try sumAlongAxis(product, &rule)
    let difference = rule.add("Sub", gradient, total)
    return [rule.add("Mul", y, difference)]
  }

  /// g - exp(y) sum(g).
  @Sendable static func logSoftmax(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let gradient = try rule.gradient()
    let total = try sumAlongAxis(gradient, &rule)
    let probabilities = rule.add("Exp", try rule.output())
    let share = rule.add("Mul", probabilities, total)
    return [rule.add("Sub", gradient, share)]
  }

  private static func sumAlongAxis(
    _ value: Value.ID, _ rule: inout ChainRule
  ) throws(SurgeonError) -> Value.ID {
    guard rule.opset >= 13 else {
      throw SurgeonError(
        .unsupportedOperator,
        "the runtime knows no derivative of \(rule.node.opType) below opset 13"
      )
    }
    let axis = rule.node.attributes.filter { $0.name == "axis" }
    return rule.own(GradientOperators.sumAxis, value, attributes: axis)
  }
}
