internal import SurgeonIR
public import SurgeonRewrite

extension RewriteRule {
  /// A node whose inputs are all constants becomes a constant, computed in Float64 and rounded once.
  ///
  /// Before:
  ///
  ///     a = Add(var, epsilon)
  ///     d = Sqrt(a)
  ///
  /// After: d is an initializer.
  ///
  /// - Parameters:
  ///   - evaluator: computes the node.
  ///   - largest: results and inputs with more elements stay as they are: what an exporter spells as
  ///     a node on purpose (an expanded table, a weight that is cast) keeps the file small.
  public static func foldConstants(
    with evaluator: any ConstantEvaluator, largest: Int = 1 << 16
  ) -> RewriteRule {
    let inputs = Capture<[Value.ID]>("inputs")
    return .editing(
      "fold-constants", "a node of constants becomes a constant", fidelity: .rounding,
      pattern: Op.oneOf()(inputs).withAnyOutputs,
      conditions: [
        Condition("the inputs are constants, and small", about: inputs.name) { match, context in
          let values = match[inputs]
          guard !values.isEmpty else { return false }
          for value in values {
            guard let tensor = try context.constant(value), tensor.count <= largest else {
              return false
            }
          }
          return true
        },
        Condition("the operator is one of the standard, and always computes the same") {
          match, context in
          let node = context.model[match.root]
          return Model.canonical(node.domain).isEmpty && node.bodies.isEmpty
            && !FoldConstants.exceptions.contains(node.opType)
        },
        Condition("no result is an output of a graph") { match, context in
          context.model[match.root].outputs.allSatisfy { output in
            output.map { !context.model[$0].isGraphOutput } ?? true
          }
        },
      ]
    ) { match, context, patch in
      let results = try FoldConstants.results(of: match.root, context, evaluator)
      guard results.allSatisfy({ $0.tensor.count <= largest }) else {
        throw Decline("the result has more than \(largest) elements", node: match.root)
      }
      patch.remove(match.root)
      for result in results {
        patch.replace(
          result.output, with: patch.constant(result.tensor, name: "folded"))
      }
    }
  }
}

/// One node as a model of its own.
enum FoldConstants {
  /// Constants already, draws of random numbers, and what quantisation tools must find as it is.
  static let exceptions = Model.randomOperators.union([
    "Constant", "ConstantOfShape", "Identity", "QuantizeLinear", "DequantizeLinear",
    "DynamicQuantizeLinear",
  ])

  static func results(
    of node: Node.ID, _ context: RewriteContext, _ evaluator: any ConstantEvaluator
  ) throws -> [(output: Value.ID, tensor: Tensor)] {
    let record = context.model[node]
    var small = Model(
      header: Model.Header(
        irVersion: max(4, context.model.header.irVersion),
        opsetImports: [OpsetImport(domain: "", version: context.opset() ?? 1)]))
    let graph = small.mainGraph
    var copies: [Value.ID: Value.ID] = [:]
    for case let input? in record.inputs where copies[input] == nil {
      guard let tensor = try context.constant(input) else {
        throw Decline("'\(context.model[input].name)' is not a constant", value: input)
      }
      let copy = small.addValue(named: "input_\(copies.count)", in: graph)
      small.setInitializer(tensor, of: copy)
      copies[input] = copy
    }
    var results: [Value.ID] = []
    var outputs: [Value.ID?] = []
    for output in record.outputs {
      guard let output, !context.model[output].uses.isEmpty else {
        outputs.append(nil)
        continue
      }
      results.append(output)
      outputs.append(small.addValue(named: "output_\(results.count)", in: graph))
    }
    small.addNode(
      record.opType, inputs: record.inputs.map { $0.flatMap { copies[$0] } }, outputs: outputs,
      attributes: record.attributes, in: graph)
    for case let output? in outputs { small.addOutput(output, to: graph) }
    return Array(zip(results, try evaluator.evaluate(small))).map { ($0, $1) }
  }
}
