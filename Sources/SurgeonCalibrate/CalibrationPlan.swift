package import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime

/// The main graph cut into stages: stage g computes what can be computed once the statistics of the
/// groups before g are known, and ends with the inputs of group g.
package struct CalibrationPlan {
  let sites: [CalibrationSite]
  let skipped: [SkippedSite]
  /// Inputs of the graph that samples give: those without a default, and others once data are there
  /// for them (`feeding`).
  private(set) var fed: Set<Value.ID>
  /// The stage of each node that a site depends on.
  private var stages: [Node.ID: Int] = [:]
  /// Values that no graph input has a part in: a stage that reads them computes them itself.
  private var constants: Set<Value.ID> = []
  /// What differs from sample to sample and is read, in the order of the nodes that compute it: in
  /// which stage they do, and the last one that reads it.
  private var computed: [(value: Value.ID, stage: Int, lastReader: Int)] = []
  /// Sites that are told what others measure.
  private var told: Set<Node.ID> = []

  var groupCount: Int { (sites.map(\.group).max() ?? -1) + 1 }

  /// - Parameter seen: for BatchNormalizations that do not see what they read, what they see.
  package init(
    _ model: Model, seeing seen: [Node.ID: Value.ID] = [:]
  ) throws(SurgeonError) {
    var levels: [Value.ID: Int] = [:]
    var nodeStages: [Node.ID: Int] = [:]
    var found: [CalibrationSite] = []
    var skipped: [SkippedSite] = []
    for node in model.nodes(of: model.mainGraph) {
      let reads = model.valuesRead(by: node)
      if try Self.isConstant(node, reads, among: constants, in: model) {
        constants.formUnion(model[node].outputs.compactMap { $0 })
      }
      let level = reads.map { levels[$0] ?? 0 }.max() ?? 0
      var stage = level
      if let norm = try BatchNormalization(node, in: model) {
        let name = model.label(of: node)
        if norm.isPerChannel {
          found.append(
            CalibrationSite(
              norm: norm, seen: seen[node] ?? norm.input, name: name, group: level))
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
          name: model.label(of: node),
          reason: "it stands in a body or a function, which runs any number of times"))
    }
    sites = found
    self.skipped = skipped
    fed = Set(
      model[model.mainGraph].inputs.filter { input in
        let hasDefault = model[input].hasInitializer
        return !hasDefault
      })
    keepAncestors(of: found.map(\.seen), nodeStages, in: model)
    listComputed(in: model)
  }

  /// The plan for samples that give the inputs `names`, with a default or without.
  ///
  /// - Throws: `invalidData` where the model has no such input, and where one of them is a statistic
  ///   that is to be measured: the samples would go on to overrule what was found.
  func feeding(
    _ names: some Collection<String>, in model: Model
  ) throws(SurgeonError) -> CalibrationPlan {
    let inputs = Dictionary(
      model[model.mainGraph].inputs.map { (model[$0].name, $0) }, uniquingKeysWith: { $1 })
    var result = self
    for name in names.sorted() {
      // Below IR version 4 an initializer that is listed as an input is a constant all the same.
      guard let input = inputs[name], model.header.irVersion >= 4 || fed.contains(input) else {
        throw SurgeonError(.invalidData, "the model has no input '\(name)'")
      }
      result.fed.insert(input)
    }
    for site in sites {
      for statistic in [site.norm.mean, site.norm.variance] where result.fed.contains(statistic) {
        throw SurgeonError(
          .invalidData, "the data hold '\(model[statistic].name)', which is to be measured",
          at: ["node '\(site.name)'"], hint: "take it out of the data")
      }
    }
    return result
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
  ) throws(SurgeonError) -> Bool {
    guard reads.allSatisfy({ constants.contains($0) || model.isConstant($0) }) else { return false }
    return try !model.drawsAtRandom(anywhereIn: node)
  }

  /// What computes some values.
  struct Work {
    var nodes: Set<Node.ID> = []
    /// What the nodes read and do not compute, and the values themselves where no node does:
    /// inputs of the graph and what was given.
    var inputs: Set<Value.ID> = []
  }

  /// The nodes that compute `values` from those in `given` and the inputs of the graph.
  func work(
    for values: some Sequence<Value.ID>, from given: Set<Value.ID> = [], in model: Model
  ) -> Work {
    var work = Work()
    var pending = Array(values)
    while let value = pending.popLast() {
      let node = model[value].producer?.node
      if let node, constants.contains(value) || !given.contains(value) {
        if work.nodes.insert(node).inserted { pending += model.valuesRead(by: node) }
      } else if node != nil || fed.contains(value) {
        work.inputs.insert(value)
      }
    }
    return work
  }

  /// The stage that measures `group` and starts from the inputs of the graph.
  func stage(measuring group: Int, in model: Model) -> CalibrationStage {
    let sites = sites.filter { $0.group == group }
    return stage(measuring: sites, in: model)
  }

  /// All stages as one that measures all sites.
  func wholeStage(in model: Model) -> CalibrationStage { stage(measuring: sites, in: model) }

  private func stage(measuring sites: [CalibrationSite], in model: Model) -> CalibrationStage {
    let work = work(for: sites.map(\.seen), in: model)
    return CalibrationStage(
      part: GraphPart(nodes: work.nodes, inputs: work.inputs.sorted(), outputs: []), sites: sites)
  }

  func isComputed(
    _ value: Value.ID, by nodes: Set<Node.ID>, in model: Model
  ) -> Bool {
    model[value].producer.map { nodes.contains($0.node) } ?? false
  }

  /// Values, known once `group` is measured, that stages after it read or measure; in the order of
  /// the nodes that compute them.
  func valuesRead(after group: Int) -> [Value.ID] {
    computed.filter { $0.stage <= group && group < $0.lastReader }.map(\.value)
  }

  /// The most that is known at a time after a group and read later, where nothing is computed twice; nil
  /// where a size is not known.
  func mostKept(_ size: (Value.ID) -> Int?) -> Double? {
    var changes = Array(repeating: 0.0, count: groupCount + 1)
    for (value, stage, lastReader) in computed where stage < lastReader {
      guard let bytes = size(value) else { return nil }
      changes[stage] += Double(bytes)
      changes[lastReader] -= Double(bytes)
    }
    var (kept, most) = (0.0, 0.0)
    for change in changes {
      kept += change
      most = max(most, kept)
    }
    return most
  }

  /// True where `node` computes what is the same for all samples.
  package func isConstant(_ node: Node.ID, in model: Model) -> Bool {
    model[node].outputs.contains { $0.map(constants.contains) ?? false }
  }

  /// The plan where the sites at `told` need not be measured.
  func telling(_ told: Set<Node.ID>, in model: Model) -> CalibrationPlan {
    var result = self
    result.told = told
    result.listComputed(in: model)
    return result
  }

  private mutating func listComputed(in model: Model) {
    var lastReaders: [Value.ID: Int] = [:]
    forEachReading(in: model) { value, stage in
      lastReaders[value] = max(lastReaders[value] ?? 0, stage)
    }
    computed = []
    for node in model.nodes(of: model.mainGraph) {
      guard let stage = stages[node] else { continue }
      for case let output? in model[node].outputs where !constants.contains(output) {
        if let last = lastReaders[output] { computed.append((output, stage, last)) }
      }
    }
  }

  /// The stages that read or measure each value.
  func readingStages(in model: Model) -> [Value.ID: Set<Int>] {
    var result: [Value.ID: Set<Int>] = [:]
    forEachReading(in: model) { result[$0, default: []].insert($1) }
    return result
  }

  private func forEachReading(in model: Model, _ body: (Value.ID, _ stage: Int) -> Void) {
    for node in model.nodes(of: model.mainGraph) {
      guard let stage = stages[node] else { continue }
      for value in model.valuesRead(by: node) { body(value, stage) }
    }
    for site in sites where !told.contains(site.norm.node) { body(site.seen, site.group) }
  }
}

/// A part of the main graph with the sites that are measured while it runs.
struct CalibrationStage {
  var part: GraphPart
  /// What is measured.
  var sites: [CalibrationSite]
  /// The convolutions before sites that do not run: the co-moments of what they read are measured.
  var unrun: [Value.ID: PointwiseConvolution] = [:]
  /// Sites of the next group that are known once this stage has measured.
  var ahead: [SiteAhead] = []
  /// Sites of the group that the stage before has told.
  var told: [CalibrationSite] = []
  /// What was kept for this stage and no later one reads.
  var lastUses: Set<Value.ID> = []
  /// Outputs that the next stage with work does not read.
  var laterOutputs: Set<Value.ID> = []

  /// False where nothing is computed nor measured: all was told.
  var hasWork: Bool { !part.nodes.isEmpty || !sites.isEmpty }
}
