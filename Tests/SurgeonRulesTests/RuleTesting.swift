internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonTestSupport

/// A rule's test: the graph before as ONNX text, the nodes after as text, and both run in Float64.
enum RuleTest {
  /// Rewrites until nothing applies.
  static func rewrite(
    _ model: Model, _ rules: RewriteRule...
  ) throws -> (model: Model, report: RewriteReport) {
    var result = model
    let report = try Rewriter(rules).rewrite(&result)
    return (result, report)
  }

  /// The reasons that a rule gives about a node of this operator.
  static func reasons(
    _ model: Model, _ rule: RewriteRule, about opType: String = "BatchNormalization"
  ) throws -> [String] {
    guard let node = model.first(opType) else { return [] }
    return try Rewriter([rule]).explain(model, nodes: [node]).flatMap(\.blockers).map(\.reason)
  }

  /// Runs a model in Float64.
  static func run(
    _ model: Model, _ inputs: [String: Tensor],
    precision: SessionOptions.Precision = .double
  ) throws -> [String: Tensor] {
    var options = SessionOptions()
    options.precision = precision
    options.engine = .reference
    options.threads = 1
    let outputs = try Session(model, options: options).run(inputs.mapValues { .tensor($0) })
    var result: [String: Tensor] = [:]
    for (name, value) in outputs { result[name] = value.tensor }
    return result
  }

  /// The largest difference of two models' outputs in Float64, over the largest number.
  static func difference(
    _ before: Model, _ after: Model, _ inputs: [String: Tensor]
  ) throws -> Double {
    let first = try run(before, inputs)
    let second = try run(after, inputs)
    var worst = first.isEmpty ? Double.infinity : 0
    for (name, tensor) in first {
      let a = try tensor.float64Elements() ?? []
      let b = try second[name]?.float64Elements() ?? []
      guard a.count == b.count, !a.isEmpty else { return .infinity }
      let scale = a.map(\.magnitude).max() ?? 1
      let error = zip(a, b).map { ($0 - $1).magnitude }.max() ?? 0
      worst = max(worst, error.isFinite ? error / max(scale, 1e-30) : .infinity)
    }
    return worst
  }

  /// Numbers that look random, the same every time.
  static func noise(_ shape: [Int], seed: Int = 1) -> Tensor {
    Tensor(Noise.centred(shape.reduce(1, *), seed: seed).map { 2 * $0 }, shape: shape)
  }
}

extension Model {
  /// The nodes of the main graph, as `y = Add(a, b)`.
  var text: [String] { text(of: mainGraph) }

  func text(of graph: Graph.ID) -> [String] {
    nodes(of: graph).map { id in
      let node = self[id]
      func names(_ values: [Value.ID?]) -> String {
        values.map { $0.map { self[$0].name } ?? "" }.joined(separator: ", ")
      }
      return "\(names(node.outputs)) = \(node.opType)(\(names(node.inputs)))"
    }
  }

  /// A model with one BatchNormalization over x of the shape, gamma [2, -3], and so on.
  static func oneNorm(
    opset: Int, shape: String, type: String = "float", attributes: String = "",
    irVersion: Int = 8
  ) throws -> Model {
    try OnnxText.parse(
      """
      <ir_version: \(irVersion), opset_import: ["" : \(opset)]>
      g (\(type)[\(shape)] x) => (\(type)[\(shape)] y)
      <\(type)[2] gamma = {2, -3}, \(type)[2] beta = {1, 0.5}, \(type)[2] mean = {4, -1},
       \(type)[2] var = {3, 8}>
      {
        y = BatchNormalization <epsilon = 1.0\(attributes)> (x, gamma, beta, mean, var)
      }
      """)
  }
}
