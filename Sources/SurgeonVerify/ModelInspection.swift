public import SurgeonIR
internal import SurgeonShapes

/// What is in a model: its interface, its operators, its parameters, its BatchNormalizations.
public struct ModelInspection: Sendable {
  public struct Port: Sendable {
    public var name: String
    public var type: ValueType?
    /// True for an input that has a default.
    public var isOptional: Bool
  }

  public struct OperatorCount: Sendable {
    public var domain: String
    public var opType: String
    public var count: Int
  }

  public var header: Model.Header
  public var graphName: String
  public var inputs: [Port]
  public var outputs: [Port]
  /// The most frequent first, over all graphs and function bodies.
  public var operators: [OperatorCount]
  public var nodeCount: Int
  /// Bodies of If, Loop and Scan.
  public var bodyCount: Int
  public var functions: [String]
  /// Initializers, dense and sparse, and the numbers in them.
  public var initializerCount: Int
  public var parameterCount: Int
  public var parameterBytes: Int
  public var normalizations: [NormalizationHealth]
  /// The named values of the main graph, with the types that shape inference finds.
  public var values: [Port]
  /// Nodes that do not fit their inputs, and recorded types that are wrong.
  public var problems: [SurgeonError]

  /// - Throws: what reading the parameters of a BatchNormalization throws.
  public init(_ model: Model) throws(SurgeonError) {
    header = model.header
    let main = model[model.mainGraph]
    graphName = main.header.name
    let areDefaultsConstants = model.header.irVersion < 4
    inputs = main.inputs.compactMap { id in
      let value = model[id]
      let hasDefault = value.hasInitializer
      if hasDefault && areDefaultsConstants { return nil }
      return Port(name: value.name, type: value.type, isOptional: hasDefault)
    }
    outputs = main.outputs.map {
      Port(name: model[$0].name, type: model[$0].type, isOptional: false)
    }
    let nodes = model.allNodes
    nodeCount = nodes.count
    operators = Self.count(nodes, in: model)
    bodyCount = model.graphs.count { graph in
      if case .node = model[graph].owner { true } else { false }
    }
    functions = model.functions.map { $0.domain.isEmpty ? $0.name : "\($0.domain).\($0.name)" }
    (initializerCount, parameterCount, parameterBytes) = (0, 0, 0)
    for graph in model.graphs {
      for value in model[graph].initializers {
        initializerCount += 1
        guard let tensor = model[value].initializer ?? model[value].sparseInitializer?.values
        else { continue }
        parameterCount += tensor.count
        parameterBytes += tensor.byteCount ?? 0
      }
    }
    let types = try ShapeInference.infer(model)
    problems = types.nodeErrors + types.conflicts
    values = model.allValues.filter { model[$0].graph == model.mainGraph }.map {
      Port(name: model[$0].name, type: types[$0], isOptional: false)
    }
    normalizations = []
    for node in nodes {
      guard let health = try NormalizationHealth(node, in: model, types: types) else { continue }
      normalizations.append(health)
    }
  }

  private static func count(_ nodes: [Node.ID], in model: Model) -> [OperatorCount] {
    struct Key: Hashable {
      var domain: String
      var opType: String
    }
    var counts: [Key: Int] = [:]
    for node in nodes {
      let key = Key(domain: Model.canonical(model[node].domain), opType: model[node].opType)
      counts[key, default: 0] += 1
    }
    return counts.map { OperatorCount(domain: $0.domain, opType: $0.opType, count: $1) }.sorted {
      ($1.count, $0.opType, $0.domain) < ($0.count, $1.opType, $1.domain)
    }
  }
}
