internal import SurgeonIR
internal import SurgeonVerify

/// What `surgeon inspect --json` prints.
struct InspectDocument: Encodable {
  struct Opset: Encodable {
    var domain: String
    var version: Int
  }

  struct Port: Encodable {
    var name: String
    var type: String
    var isOptional: Bool

    init(_ port: ModelInspection.Port) {
      name = port.name
      type = TypeText.text(port.type)
      isOptional = port.isOptional
    }
  }

  struct Operator: Encodable {
    var domain: String
    var opType: String
    var count: Int
  }

  struct Finding: Encodable {
    var kind: String
    var message: String
    var channels: Int?
  }

  struct Normalization: Encodable {
    var node: String
    var channels: Int?
    var rank: Int?
    var isTraining: Bool
    var epsilon: Double
    var momentum: Double
    var findings: [Finding]

    init(_ health: NormalizationHealth) {
      node = health.name
      channels = health.channels
      rank = health.rank
      isTraining = health.isTraining
      epsilon = health.epsilon
      momentum = health.momentum
      findings = health.findings.map {
        Finding(kind: $0.kind.rawValue, message: $0.message, channels: $0.channels)
      }
    }
  }

  var model: String
  var irVersion: Int
  var opsets: [Opset]
  var producerName: String
  var producerVersion: String
  var graph: String
  var inputs: [Port]
  var outputs: [Port]
  var nodes: Int
  var bodies: Int
  var functions: [String]
  var initializers: Int
  var parameters: Int
  var parameterBytes: Int
  var operators: [Operator]
  var batchNormalizations: [Normalization]
  /// With `--data`.
  var trainEvalGap: TrainEvalGapDocument?
  /// Nodes that do not fit their inputs, and recorded types that are wrong.
  var problems: [ErrorDocument.Body]
  /// With --types: every value of the main graph.
  var values: [Port]?

  init(_ inspection: ModelInspection, path: String, listsTypes: Bool = false) {
    model = path
    irVersion = inspection.header.irVersion
    opsets = inspection.header.opsetImports.map { Opset(domain: $0.domain, version: $0.version) }
    producerName = inspection.header.producerName
    producerVersion = inspection.header.producerVersion
    graph = inspection.graphName
    inputs = inspection.inputs.map(Port.init)
    outputs = inspection.outputs.map(Port.init)
    nodes = inspection.nodeCount
    bodies = inspection.bodyCount
    functions = inspection.functions
    initializers = inspection.initializerCount
    parameters = inspection.parameterCount
    parameterBytes = inspection.parameterBytes
    operators = inspection.operators.map {
      Operator(domain: $0.domain, opType: $0.opType, count: $0.count)
    }
    batchNormalizations = inspection.normalizations.map(Normalization.init)
    problems = inspection.problems.map(ErrorDocument.Body.init)
    if listsTypes { values = inspection.values.map(Port.init) }
  }
}
