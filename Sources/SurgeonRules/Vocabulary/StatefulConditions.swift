internal import SurgeonIR
internal import SurgeonRewrite

/// What statistics that keep running need of the place where a BatchNormalization stands.
struct StatefulConditions {
  let bn: BatchNormPattern

  var all: [Condition] {
    [
      bn.hasConstantStatistics,
      Condition("the node stands in the main graph", about: bn.node.name) { match, context in
        let graph = context.model[match[bn.node]].graph
        guard graph != context.model.mainGraph else { return true }
        if context.model.isInFunction(graph) {
          throw Decline(
            "the node stands in a model-local function: every call would need state of its own, as "
              + "an input and an output of the main graph", node: match[bn.node],
            remedy: "inline the function first (onnx.inliner), or choose a target without state: "
              + "frozen or groupnorm")
        }
        guard case .node(let owner) = context.model[graph].owner else { return false }
        let record = context.model[owner]
        let runs =
          record.opType == "If" ? "does not always run" : "may run several times or not at all"
        throw Decline(
          "the node stands in a body of \(record.opType) '\(context.model.label(of: owner))', "
            + "which \(runs): state that the caller feeds back must be an input and an output of the "
            + "main graph",
          node: match[bn.node],
          remedy: "choose a target without state for it (frozen or groupnorm), or move it out of "
            + "the body")
      },
      Condition(
        "the file's IR version has defaults for inputs", about: bn.node.name,
        remedy: "raise the file's IR version with --ir-version 4"
      ) { match, context in
        let version = context.model.header.irVersion
        guard version < 4 else { return true }
        throw Decline(
          "the file has IR version \(version), in which an input cannot have a default: state needs "
            + "version 4", node: match[bn.node],
          remedy: "raise the file's IR version with --ir-version 4")
      },
      .opset(9...),
      bn.hasChannelAxis,
      Condition("nothing reads further outputs of the node", about: bn.node.name) {
        match, context in
        for value in try bn.read(match, context).extraOutputs
        where !context.model[value].uses.isEmpty {
          throw Decline("its output '\(context.model[value].name)' is read", value: value)
        }
        return true
      },
    ]
  }
}

/// A BatchNormalization about to be replaced by one that computes statistics: X and the parameters
/// in the type that statistics are computed in.
struct StatisticsSite {
  let norm: BatchNormalization
  let parameters: BatchNormalizationParameters
  let input: NormalizedInput
  let gamma: Value.ID
  let beta: Value.ID
  private let elementType: ElementType

  init(
    _ bn: BatchNormPattern, _ match: Match, _ context: RewriteContext, into patch: inout Patch
  ) throws {
    norm = try bn.read(match, context)
    parameters = try bn.parameters(match, context, allowsUnit: true)
    let (type, elementType) = try bn.inputType(match, context, parameters)
    guard let shape = type.shape else {
      throw Decline("the rank of X is not known", value: norm.input)
    }
    self.elementType = elementType
    let spelling = OperatorSpelling(opset: norm.opset)
    let computed = elementType.statisticsType
    input = NormalizedInput(
      value: spelling.cast(
        norm.input, from: elementType, to: computed, shape: shape, name: "widened", into: &patch),
      elementType: computed, shape: shape, channels: parameters.channelCount)
    let channels = Shape(parameters.shape)
    gamma = spelling.cast(
      norm.gamma, from: parameters.parameterType, to: computed, shape: channels,
      name: "gamma_widened", into: &patch)
    beta = spelling.cast(
      norm.beta, from: parameters.parameterType, to: computed, shape: channels,
      name: "beta_widened", into: &patch)
  }

  var spelling: OperatorSpelling { OperatorSpelling(opset: norm.opset) }

  /// The result in X's own type.
  func narrowed(_ value: Value.ID, into patch: inout Patch) -> Value.ID {
    spelling.cast(
      value, from: input.elementType, to: elementType, shape: input.shape, name: "narrowed",
      into: &patch)
  }

  /// A state tensor: an input with a default.
  func state(
    _ numbers: [Double], shape: [Int], named name: String, into patch: inout Patch
  ) -> Value.ID {
    patch.graphInput(
      exactName: name, type: .tensor(input.elementType, Shape(shape)),
      initializer: Tensor(unrounded: numbers, as: input.elementType, shape: shape))
  }
}
