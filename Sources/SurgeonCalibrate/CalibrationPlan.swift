internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime

/// The main graph cut into stages: stage g computes what can be computed once the statistics of the
/// groups before g are known, and ends with the inputs of group g.
///
/// Every node that some BatchNormalization depends on stands in exactly one stage, so that all
/// stages together do the work of one inference.
struct CalibrationPlan {
  let sites: [CalibrationSite]
  let skipped: [SkippedSite]
  /// The stage of each node that a site depends on.
  private var stages: [Node.ID: Int] = [:]
  /// Values that no graph input has a part in: every stage that reads them computes them itself.
  private var constants: Set<Value.ID> = []

  var groupCount: Int { (sites.map(\.group).max() ?? -1) + 1 }

  init(_ model: Model) throws(SurgeonError) {
    var levels: [Value.ID: Int] = [:]
    var nodeStages: [Node.ID: Int] = [:]
    var found: [CalibrationSite] = []
    var skipped: [SkippedSite] = []
    for node in model.nodes(of: model.mainGraph) {
      let reads = model.valuesRead(by: node)
      if Self.isConstant(node, reads, among: constants, in: model) {
        constants.formUnion(model[node].outputs.compactMap { $0 })
      }
      let level = reads.map { levels[$0] ?? 0 }.max() ?? 0
      var stage = level
      if let norm = try BatchNormalization(node, in: model) {
        let name = model[node].displayName(in: model)
        if norm.isPerChannel {
          found.append(CalibrationSite(norm: norm, name: name, group: level))
          stage += 1
        } else {
          skipped.append(
            SkippedSite(name: name, reason: "its statistics are per position (spatial = 0)"))
        }
      }
      nodeStages[node] = stage
      for case let output? in model[node].outputs { levels[output] = stage }
    }
    for node in model.allNodes
    where model[node].graph != model.mainGraph && model[node].opType == "BatchNormalization" {
      skipped.append(
        SkippedSite(
          name: model[node].displayName(in: model),
          reason: "it stands in a body or a function, which runs any number of times"))
    }
    sites = found
    self.skipped = skipped
    keepAncestors(of: found.map(\.norm.input), nodeStages, in: model)
  }

  private mutating func keepAncestors(
    of values: [Value.ID], _ nodeStages: [Node.ID: Int], in model: Model
  ) {
    var pending = values
    while let value = pending.popLast() {
      guard let node = model[value].producer?.node, stages[node] == nil else { continue }
      stages[node] = nodeStages[node]
      pending += model.valuesRead(by: node)
    }
  }

  private static func isConstant(
    _ node: Node.ID, _ reads: [Value.ID], among constants: Set<Value.ID>, in model: Model
  ) -> Bool {
    let random = ["RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike"]
    guard !random.contains(model[node].opType) else { return false }
    return reads.allSatisfy { constants.contains($0) || model.isConstant($0) }
  }

  /// The stage that measures `group`, beginning where the stage of `first - 1` ended: with the
  /// inputs of the model where `first` is 0.
  func stage(from first: Int, measuring group: Int, in model: Model) -> CalibrationStage {
    var nodes: Set<Node.ID> = []
    var inputs: Set<Value.ID> = []
    func include(_ node: Node.ID) {
      guard nodes.insert(node).inserted else { return }
      for value in model.valuesRead(by: node) {
        let producer = model[value].producer?.node
        if let producer, constants.contains(value) {
          include(producer)
        } else if let producer, (first...group).contains(stages[producer] ?? -1) {
          continue
        } else if model[value].producer != nil || model.isFed(value) {
          inputs.insert(value)
        }
      }
    }
    for (node, stage) in stages where (first...group).contains(stage) { include(node) }
    let measured = sites.filter { $0.group == group }
    for site in measured where !isComputed(site.norm.input, by: nodes, in: model) {
      inputs.insert(site.norm.input)
    }
    let outputs = nodes.flatMap { model[$0].outputs.compactMap { $0 } }.filter { value in
      !constants.contains(value) && isRead(value, after: group, in: model)
    }
    return CalibrationStage(
      part: GraphPart(nodes: nodes, inputs: inputs.sorted(), outputs: outputs.sorted()),
      sites: measured)
  }

  /// All stages as one that measures all sites.
  func wholeStage(in model: Model) -> CalibrationStage {
    var stage = stage(from: 0, measuring: groupCount - 1, in: model)
    stage.sites = sites
    let inputs = sites.map(\.norm.input).filter {
      !isComputed($0, by: stage.part.nodes, in: model)
    }
    stage.part.inputs = Set(stage.part.inputs + inputs).sorted()
    return stage
  }

  private func isComputed(
    _ value: Value.ID, by nodes: Set<Node.ID>, in model: Model
  ) -> Bool {
    model[value].producer.map { nodes.contains($0.node) } ?? false
  }

  /// True where a node of a stage after `group` reads `value`, or a site after it is measured there.
  func isRead(_ value: Value.ID, after group: Int, in model: Model) -> Bool {
    sites.contains { $0.group > group && $0.norm.input == value }
      || model.mainReaders(of: value).contains { (stages[$0] ?? -1) > group }
  }
}

/// A part of the main graph with the sites that are measured while it runs.
struct CalibrationStage {
  var part: GraphPart
  var sites: [CalibrationSite]
}

extension Model {
  /// Values that a node reads itself or in its bodies.
  func valuesRead(by node: Node.ID) -> [Value.ID] {
    self[node].inputs.compactMap { $0 } + self[node].bodies.flatMap { outerValues(readIn: $0) }
  }

  /// True for a graph input that data are given for.
  func isFed(_ value: Value.ID) -> Bool {
    let hasDefault = self[value].hasInitializer
    return self[value].isGraphInput && !hasDefault
  }

  /// Nodes of the main graph that read a value themselves or in their bodies.
  func mainReaders(of value: Value.ID) -> [Node.ID] {
    self[value].uses.compactMap(\.node).map { node in
      var node = node
      while self[node].graph != mainGraph, case .node(let owner) = self[self[node].graph].owner {
        node = owner
      }
      return node
    }
  }
}
