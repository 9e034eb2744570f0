/// A recorded edit. A rule's replacement writes one while it can still read the model; the driver
/// applies it afterwards, or throws it away.
///
/// Handles of values that the patch adds are valid inside the patch at once, and in the model once
/// the patch has been applied. A patch fits only the state of the model it was made for.
public struct Patch: Sendable {
  enum Step: Sendable {
    case addValue(Value.ID, name: String, type: ValueType?)
    case setInitializer(Value.ID, Tensor?)
    case addNode(NewNode)
    case replace(Value.ID, with: Value.ID)
    case removeNode(Node.ID)
    case setInput(Int, Node.ID, Value.ID?)
    case setOutputs(Node.ID, [Value.ID?])
    case setAttribute(Attribute, Node.ID)
    case removeAttribute(String, Node.ID)
    case addInput(Value.ID)
    case addOutput(Value.ID, following: Value.ID?)
    case removeInput(Value.ID)
    case removeOutput(Value.ID)
  }

  struct NewNode: Sendable {
    var opType: String
    var domain: String
    var name: String
    var inputs: [Value.ID?]
    var outputs: [Value.ID?]
    var attributes: [Attribute]
    var metadata: [StringPair]
    /// Stands at the start of the graph, where every node can read it.
    var isFirst = false
    /// What the node is called if that is still free; by default prefix and name.
    var exactName: String?
  }

  /// The graph in which the patch adds.
  public let graph: Graph.ID
  /// New nodes stand before this one, or at the end of the graph.
  public let anchor: Node.ID?
  /// New names derive from this one.
  public var namePrefix: String
  /// Added to the metadata of every new node.
  public var provenance: [StringPair] = []
  /// True where initializers cannot stand: inside a model-local function, and inside the bodies of
  /// a model whose IR version wants every initializer among the inputs, which a body's node would
  /// have to feed.
  let spellsConstantsAsNodes: Bool
  /// True below IR version 4 in the main graph.
  let listsConstantsAsInputs: Bool
  private let firstValue: Int32
  private var addedValues: Int32 = 0
  private(set) var steps: [Step] = []

  /// A patch for `model` as it is now.
  public init(
    to model: borrowing Model, in graph: Graph.ID, before anchor: Node.ID?, namePrefix: String
  ) {
    self.graph = graph
    self.anchor = anchor
    self.namePrefix = namePrefix
    firstValue = Int32(model.valueTableCount)
    let needsListing = model.header.irVersion < 4
    spellsConstantsAsNodes =
      model.isInFunction(graph) || (needsListing && graph != model.mainGraph)
    listsConstantsAsInputs = needsListing && graph == model.mainGraph
  }

  /// True where the patch does nothing.
  public var isEmpty: Bool { steps.isEmpty }

  // MARK: Recording

  /// A constant: an initializer (below IR version 4 also a graph input, as the standard demanded),
  /// or a Constant node inside a model-local function.
  ///
  /// - Parameter name: the last part of its name, after the prefix.
  public mutating func constant(_ tensor: Tensor, name: String) -> Value.ID {
    let type = ValueType.tensor(tensor.elementType, Shape(tensor.shape))
    if spellsConstantsAsNodes {
      let value = addValue(name, type: type)
      steps.append(
        .addNode(
          NewNode(
            opType: "Constant", domain: "", name: name, inputs: [], outputs: [value],
            attributes: [.tensor("value", tensor)], metadata: provenance, isFirst: true)))
      return value
    }
    let value = addValue(name, type: listsConstantsAsInputs ? type : nil)
    if listsConstantsAsInputs { steps.append(.addInput(value)) }
    steps.append(.setInitializer(value, tensor))
    return value
  }

  /// A node with one output, which is returned.
  ///
  /// - Parameters:
  ///   - name: the last part of the names of the node and its output; the operator in lower case
  ///     by default.
  ///   - exactName: what the node itself is called if that is still free.
  ///   - type: the output's type, where known: it is written as a value_info.
  public mutating func op(
    _ opType: String, domain: String = "", _ inputs: [Value.ID?], _ attributes: [Attribute] = [],
    name: String? = nil, exactName: String? = nil, type: ValueType? = nil
  ) -> Value.ID {
    ops(
      opType, domain: domain, inputs, attributes, name: name, exactName: exactName,
      outputTypes: [type])[0]
  }

  /// A node with as many outputs as `outputTypes` has entries.
  public mutating func ops(
    _ opType: String, domain: String = "", _ inputs: [Value.ID?], _ attributes: [Attribute] = [],
    name: String? = nil, exactName: String? = nil, outputTypes: [ValueType?]
  ) -> [Value.ID] {
    let name = name ?? opType.lowercased()
    let outputs = outputTypes.enumerated().map { index, type in
      addValue(index == 0 ? name : "\(name)_\(index)", type: type)
    }
    steps.append(
      .addNode(
        NewNode(
          opType: opType, domain: domain, name: name, inputs: inputs, outputs: outputs,
          attributes: attributes, metadata: provenance, exactName: exactName)))
    return outputs
  }

  /// A new graph input, with a default where `initializer` is given. Its name is `exactName` if
  /// that is still free.
  public mutating func graphInput(
    exactName: String, type: ValueType, initializer: Tensor? = nil
  ) -> Value.ID {
    let value = newValue()
    steps.append(.addValue(value, name: exactName, type: type))
    steps.append(.addInput(value))
    if let initializer { steps.append(.setInitializer(value, initializer)) }
    return value
  }

  /// Appends a value to the outputs of the patch's graph.
  ///
  /// - Parameter state: the graph input that the caller feeds the output back into; the output is
  ///   then called by its name and `.next`.
  public mutating func graphOutput(_ value: Value.ID, following state: Value.ID? = nil) {
    steps.append(.addOutput(value, following: state))
  }

  /// Takes a value off the inputs of the patch's graph, for the caller too.
  public mutating func removeGraphInput(_ value: Value.ID) { steps.append(.removeInput(value)) }

  /// Takes a value off the outputs of the patch's graph. What computed only that disappears.
  public mutating func removeGraphOutput(_ value: Value.ID) { steps.append(.removeOutput(value)) }

  /// Sends every use of `old` to `new`, which takes over the name and the recorded type of `old`
  /// where it was made by this patch, so that public names stay.
  public mutating func replace(_ old: Value.ID, with new: Value.ID) {
    steps.append(.replace(old, with: new))
  }

  /// Removes a node. Its outputs must have been replaced, or be unused.
  public mutating func remove(_ node: Node.ID) { steps.append(.removeNode(node)) }

  public mutating func setInput(_ slot: Int, of node: Node.ID, to value: Value.ID?) {
    steps.append(.setInput(slot, node, value))
  }
  public mutating func setOutputs(of node: Node.ID, to values: [Value.ID?]) {
    steps.append(.setOutputs(node, values))
  }
  public mutating func setAttribute(_ attribute: Attribute, of node: Node.ID) {
    steps.append(.setAttribute(attribute, node))
  }
  public mutating func removeAttribute(_ name: String, of node: Node.ID) {
    steps.append(.removeAttribute(name, node))
  }

  func name(ofNode name: String) -> String { namePrefix.isEmpty ? name : "\(namePrefix)_\(name)" }

  private mutating func newValue() -> Value.ID {
    defer { addedValues += 1 }
    return Value.ID(raw: firstValue + addedValues)
  }

  private mutating func addValue(_ name: String, type: ValueType?) -> Value.ID {
    let value = newValue()
    steps.append(.addValue(value, name: self.name(ofNode: name), type: type))
    return value
  }

  func fits(_ model: borrowing Model) -> Bool { Int(firstValue) == model.valueTableCount }
  func isNew(_ value: Value.ID) -> Bool { value.raw >= firstValue }
}
