internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime

/// What sequential mode does group by group: which nodes run, and what is kept of each sample for
/// the groups after.
///
/// A value that a later group needs is kept where that is cheaper than computing it again from what
/// is kept anyhow. The wide values inside the blocks of a mobile network, say, take longer to write
/// to memory and to read back than their 1 x 1 convolution takes.
struct SequentialSchedule {
  let stages: [CalibrationStage]

  /// - Parameter costs: of one sample; nil keeps every value at the cuts, so that each node runs
  ///   once.
  init(_ plan: CalibrationPlan, in model: Model, costs: StageCosts?) {
    var planner = Planner(plan: plan, model: model, costs: costs)
    stages = (0..<plan.groupCount).map { planner.stage(measuring: $0) }
  }
}

private struct Planner {
  let plan: CalibrationPlan
  let model: Model
  let costs: StageCosts?
  /// What is kept of every sample before the stage that is planned.
  private var kept: Set<Value.ID> = []

  init(plan: CalibrationPlan, model: Model, costs: StageCosts?) {
    self.plan = plan
    self.model = model
    self.costs = costs
  }

  mutating func stage(measuring group: Int) -> CalibrationStage {
    let sites = plan.sites.filter { $0.group == group }
    let work = plan.work(for: sites.map(\.norm.input), from: kept, in: model)
    let demand = plan.valuesRead(after: group)
    let before = kept
    for value in demand
    where !kept.contains(value) && plan.isComputed(value, by: work.nodes, in: model) {
      if isWorthKeeping(value, after: group, among: demand) { kept.insert(value) }
    }
    let outputs = kept.subtracting(before)
    kept.formIntersection(plan.work(for: demand, from: kept, in: model).inputs)
    return CalibrationStage(
      part: GraphPart(
        nodes: work.nodes, inputs: work.inputs.sorted(),
        outputs: outputs.intersection(kept).sorted()),
      sites: sites, lastUses: before.subtracting(kept))
  }

  private func isWorthKeeping(
    _ value: Value.ID, after group: Int, among demand: [Value.ID]
  ) -> Bool {
    guard let costs else { return true }
    let others = plan.work(for: demand, from: kept, in: model).inputs.intersection(kept)
    let bytes = others.compactMap(costs.byteCount).reduce(0, +)
    let again = plan.work(for: [value], from: kept, in: model)
    guard let keeping = costs.keeping(value, beside: bytes), let recomputing = cost(of: again)
    else {
      return true
    }
    // Whoever reads it in several stages computes it in each.
    let stages = plan.stageCount(reading: value, after: group)
    return keeping < recomputing * Double(stages)
  }

  private func cost(of work: CalibrationPlan.Work) -> Double? {
    guard let costs else { return nil }
    var total = 0.0
    for node in work.nodes where !plan.isConstant(node, in: model) {
      guard let cost = costs.running(node) else { return nil }
      total += cost
    }
    for input in work.inputs {
      guard let cost = costs.reading(input) else { return nil }
      total += cost
    }
    return total
  }
}
