internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonShapes

/// Whether nodes compute every sample of a batch as they would alone, so that several samples may
/// be run as one.
///
/// Only operators that are known to do so pass. The batch that the file declares is no obstacle: a
/// batch of 1 is what most exporters write, as a type and also as a number in the shape of a
/// Reshape, which is freed (`free`).
struct SampleIndependence {
  /// Rows of one sample.
  let rows: Int
  /// What runs, with the rows of any number of samples.
  let model: Model
  /// Of `model`; the first axis of the fed inputs has a name.
  let types: TypeTable
  /// Reshape nodes that write the rows of a sample as a number, and shapes that copy them.
  private let freed: [Node.ID: Tensor]
  /// Inputs of the graph that samples give.
  let given: Set<Value.ID>
  /// True for nodes that compute the same for all samples.
  let isConstant: (Node.ID) -> Bool
  static let anyRows = Dimension.symbolic("rows of some samples")

  /// Nil where no input has a batch.
  ///
  /// - Parameters:
  ///   - given: types of one sample, by the names of the graph inputs.
  ///   - single: of the model with one sample.
  ///   - constants: nodes that compute the same for all samples.
  init?(
    _ model: Model, given: [String: ValueType], types single: TypeTable,
    constants isConstant: @escaping (Node.ID) -> Bool
  ) throws(SurgeonError) {
    let inputs = model[model.mainGraph].inputs
    let shapes = inputs.compactMap { given[model[$0].name]?.shape?.sizes }
    guard let rows = shapes.first(where: { $0.count >= 2 })?.first, rows > 0 else { return nil }
    self.rows = rows
    self.given = Set(inputs.filter { given[model[$0].name] != nil })
    self.isConstant = isConstant
    freed = try Self.shapes(in: model, types: single, rows: rows)
    var open = try Self.free(freed, in: model)
    // What the file records holds of one sample.
    for node in open.nodes(of: open.mainGraph) {
      for case let output? in open[node].outputs { open.setType(nil, of: output) }
    }
    for input in inputs {
      guard let type = given[open[input].name], let shape = type.shape, shape.rank >= 2,
        shape.dimensions[0].value == rows
      else { continue }
      let free = Shape([Self.anyRows] + shape.dimensions.dropFirst())
      open.setType(.tensor(type.elementType ?? .undefined, free), of: input)
    }
    types = try ShapeInference.infer(open)
    self.model = open
  }

  /// True where the nodes of `part` keep samples apart.
  func holds(for part: GraphPart) throws(SurgeonError) -> Bool {
    guard !part.inputs.isEmpty, part.inputs.allSatisfy(isStacked) else { return false }
    for node in part.nodes where !isConstant(node) {
      if isShapeArithmetic(node) { continue }
      guard try isIndependent(node) else { return false }
      for case let output? in model[node].outputs where !model[output].uses.isEmpty {
        guard isStacked(output) else { return false }
      }
    }
    return true
  }

  /// True where a part holds shapes that `free` leaves open.
  func isFreed(_ part: GraphPart) -> Bool { freed.keys.contains(where: part.nodes.contains) }

  /// The model with shapes that leave the number of rows open; nil where all of them do.
  ///
  /// - Parameter model: the same nodes, whatever their constants.
  func free(_ model: Model) throws(SurgeonError) -> Model? {
    freed.isEmpty ? nil : try Self.free(freed, in: model)
  }

  private static func free(
    _ shapes: [Node.ID: Tensor], in model: Model
  ) throws(SurgeonError) -> Model {
    var result = model
    for (node, shape) in shapes.sorted(by: { $0.key < $1.key }) {
      var patch = Patch(to: result, in: result[node].graph, before: node, namePrefix: "free")
      patch.setInput(1, of: node, to: patch.constant(shape, name: "shape"))
      _ = try result.apply(patch)
    }
    return result
  }

  /// The Reshape nodes between values whose first axes are the rows of one sample.
  private static func shapes(
    in model: Model, types: TypeTable, rows: Int
  ) throws(SurgeonError) -> [Node.ID: Tensor] {
    var result: [Node.ID: Tensor] = [:]
    for id in model.nodes(of: model.mainGraph) {
      let node = model[id]
      guard node.opType == "Reshape", node.domain.isEmpty, (node.int("allowzero") ?? 0) == 0,
        let x = node.input(0), let given = node.input(1), let y = node.output(0),
        let constant = try model.constant(given), var shape = try constant.intElements(),
        shape.first == rows, types.shape(x)?.sizes?.first == rows,
        types.shape(y)?.sizes?.first == rows
      else { continue }
      shape[0] = 0
      result[id] = Tensor(shape.map(Int64.init), shape: [shape.count])
    }
    return result
  }
}
