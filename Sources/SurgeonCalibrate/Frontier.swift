internal import SurgeonIR

/// The choice of what to keep after a stage, as the cheapest cut of a network.
///
/// A value has a vertex, which is on the source's side where the value is needed, and a node has
/// one, which is where the node runs again. The edge from a value to its node is cut where the value
/// is kept; that from a node to the sink, where it runs. A node that runs needs its inputs: an edge
/// that nothing cuts.
struct Frontier {
  let plan: CalibrationPlan
  /// The stages that read or measure each value.
  let readingStages: [Value.ID: Set<Int>]
  let model: Model
  let costs: StageCosts
  /// What is kept already.
  let kept: Set<Value.ID>
  /// The bytes of a sample that have been kept at a time so far.
  let mostKept: Double
  /// The nodes of the stage, whose values can be kept.
  let work: Set<Node.ID>
  /// What it saves in this stage not to compute a value.
  let savings: [Value.ID: Double]
  private var network = FlowNetwork()
  private var values: [Value.ID: Int] = [:]
  private var nodes: [Node.ID: Int] = [:]
  /// More than any sum of costs, and finite, so that flows stay numbers.
  private static let never = 1e18
  /// What it costs to run a node of which nobody knows that: nobody does who can keep its results.
  private static let unknown = 1e8

  init(
    plan: CalibrationPlan, readingStages: [Value.ID: Set<Int>], model: Model, costs: StageCosts,
    kept: Set<Value.ID>, mostKept: Double, work: Set<Node.ID>, savings: [Value.ID: Double]
  ) {
    self.plan = plan
    self.readingStages = readingStages
    self.model = model
    self.costs = costs
    self.kept = kept
    self.mostKept = mostKept
    self.work = work
    self.savings = savings
  }

  /// The values to keep for those that are in `demand` after `group`.
  mutating func cheapest(for demand: [Value.ID], after group: Int) -> Set<Value.ID> {
    let stages = stages(for: demand, after: group)
    for value in demand {
      network.connect(FlowNetwork.source, to: vertex(of: value), capacity: Self.never)
    }
    for (value, readers) in stages.sorted(by: { $0.key < $1.key }) {
      let count = Double(readers.count)
      guard let node = producer(of: value) else {
        // Kept already, or a part of the data.
        let cost = costs.reading(value).map { $0 * count } ?? 0
        network.connect(vertex(of: value), to: FlowNetwork.sink, capacity: cost)
        continue
      }
      let isHere = work.contains(node)
      let keeping =
        isHere
        ? (costs.keeping(value, stages: readers.count, after: mostKept) ?? 0)
          + (savings[value] ?? 0) : Self.never
      let isNew = nodes[node] == nil
      network.connect(vertex(of: value), to: vertex(of: node), capacity: keeping)
      guard isNew else { continue }
      let running = (costs.running(node) ?? Self.unknown) * count
      network.connect(vertex(of: node), to: FlowNetwork.sink, capacity: running)
      for input in sampleInputs(of: node) {
        network.connect(vertex(of: node), to: vertex(of: input), capacity: Self.never)
      }
    }
    let isNeeded = network.cut()
    return Set(
      stages.keys.filter { value in
        guard let node = producer(of: value), work.contains(node), let vertex = values[value],
          let run = nodes[node]
        else { return false }
        return isNeeded[vertex] && !isNeeded[run]
      })
  }

  /// The later stages that need each value, if nothing is kept on the way there.
  private func stages(for demand: [Value.ID], after group: Int) -> [Value.ID: Set<Int>] {
    var result: [Value.ID: Set<Int>] = [:]
    var pending: [(Value.ID, Set<Int>)] = demand.map {
      ($0, readingStages[$0]?.filter { $0 > group } ?? [])
    }
    while let (value, stages) = pending.popLast() {
      guard !(result[value]?.isSuperset(of: stages) ?? false) else { continue }
      result[value, default: []].formUnion(stages)
      guard let node = producer(of: value) else { continue }
      pending += sampleInputs(of: node).map { ($0, stages) }
    }
    return result
  }

  /// The node that computes a value which is not kept yet.
  private func producer(of value: Value.ID) -> Node.ID? {
    kept.contains(value) ? nil : model[value].producer?.node
  }

  /// What a node reads that differs from sample to sample.
  private func sampleInputs(of node: Node.ID) -> [Value.ID] {
    model.valuesRead(by: node).filter { input in
      guard let producer = model[input].producer?.node else { return plan.fed.contains(input) }
      return !plan.isConstant(producer, in: model)
    }
  }

  private mutating func vertex(of value: Value.ID) -> Int {
    if let known = values[value] { return known }
    let vertex = network.addVertex()
    values[value] = vertex
    return vertex
  }

  private mutating func vertex(of node: Node.ID) -> Int {
    if let known = nodes[node] { return known }
    let vertex = network.addVertex()
    nodes[node] = vertex
    return vertex
  }
}
