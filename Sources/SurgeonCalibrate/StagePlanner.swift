internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime

/// Plans stage after stage: what runs in each, what is kept, and what is told instead of measured.
struct StagePlanner {
  let plan: CalibrationPlan
  let model: Model
  let costs: StageCosts?
  /// The stages that read or measure each value; empty where nothing has a price.
  private var readingStages: [Value.ID: Set<Int>] = [:]
  /// The convolutions before sites whose results can be told from what they read.
  private var convolutions: [Value.ID: PointwiseConvolution] = [:]
  private var ahead: [SiteAhead] = []
  /// What is kept of every sample before the stage that is planned.
  private var kept: Set<Value.ID> = []
  /// The bytes of a sample that have been kept at a time so far.
  private(set) var mostKept = 0.0

  init(
    plan: CalibrationPlan, model: Model, costs: StageCosts?, measuresCoMoments: Bool
  ) throws(SurgeonError) {
    self.model = model
    self.costs = costs
    var plan = plan
    if measuresCoMoments, let costs {
      for site in plan.sites {
        let value = site.seen
        guard let found = try PointwiseConvolution(producing: value, in: model, types: costs.types),
          !plan.isConstant(found.node, in: model)
        else { continue }
        convolutions[value] = found
      }
      ahead = try Self.sitesAhead(convolutions, plan, model, costs)
      plan = plan.telling(Set(ahead.map(\.site.norm.node)), in: model)
      for source in ahead.map(\.source.value) { convolutions[source] = nil }
    }
    self.plan = plan
    if costs != nil { readingStages = plan.readingStages(in: model) }
  }

  /// The sites that are known a group ahead, where it saves something to know them.
  private static func sitesAhead(
    _ convolutions: [Value.ID: PointwiseConvolution], _ plan: CalibrationPlan, _ model: Model,
    _ costs: StageCosts
  ) throws(SurgeonError) -> [SiteAhead] {
    let byOutput = Dictionary(
      plan.sites.compactMap { site in site.norm.output.map { ($0, site) } },
      uniquingKeysWith: { $1 })
    var result: [SiteAhead] = []
    var told: Set<Node.ID> = []
    for group in 0..<plan.groupCount {
      var found: [SiteAhead] = []
      for site in plan.sites where site.group == group {
        guard let convolution = convolutions[site.seen],
          let before = byOutput[convolution.source.value],
          !told.contains(before.norm.node),
          let site = try SiteAhead(site, behind: convolution, before, in: model)
        else { continue }
        found.append(site)
      }
      for sites in Dictionary(grouping: found, by: \.source).values
      where costs.saving(sites) ?? 0 > 0 {
        result += sites
        told.formUnion(sites.map(\.site.norm.node))
      }
    }
    return result.sorted { $0.site.norm.node < $1.site.norm.node }
  }

  mutating func stage(measuring group: Int) -> CalibrationStage {
    let told = ahead.map(\.site).filter { $0.group == group }
    let sites = plan.sites.filter { site in
      site.group == group && !told.contains { $0.norm.node == site.norm.node }
    }
    // A pool in front of a normalisation runs where its input is measured.
    let work = plan.work(
      for: sites.flatMap { [$0.seen, $0.norm.input] }, from: kept, in: model)
    let demand = plan.valuesRead(after: group)
    let before = kept
    let candidates = convolutions.filter { value, _ in
      sites.contains { $0.seen == value }
    }
    if let costs {
      var frontier = Frontier(
        plan: plan, readingStages: readingStages, model: model, costs: costs, kept: kept,
        mostKept: mostKept, work: work.nodes, savings: savings(of: candidates, costs))
      kept.formUnion(frontier.cheapest(for: demand, after: group))
    } else {
      kept.formUnion(demand.filter { plan.isComputed($0, by: work.nodes, in: model) })
    }
    var outputs = kept.subtracting(before)
    kept.formIntersection(plan.work(for: demand, from: kept, in: model).inputs)
    outputs.formIntersection(kept)
    mostKept = max(
      mostKept, kept.reduce(0) { $0 + Double(costs?.byteCount(of: $1) ?? 0) })
    let unrun = unrun(candidates, before: sites, outputs, from: before)
    let needed = self.work(for: sites, unrun, outputs, from: before)
    return CalibrationStage(
      part: GraphPart(
        nodes: needed.nodes, inputs: needed.inputs.sorted(), outputs: outputs.sorted()),
      sites: sites, unrun: unrun, ahead: ahead.filter { $0.before.group == group }, told: told,
      lastUses: before.subtracting(kept))
  }

  /// What measures `sites` and computes `outputs`, where some convolutions do not run.
  private func work(
    for sites: [CalibrationSite], _ unrun: [Value.ID: PointwiseConvolution],
    _ outputs: Set<Value.ID>, from given: Set<Value.ID>
  ) -> CalibrationPlan.Work {
    let measured = sites.map { unrun[$0.seen]?.source.value ?? $0.seen }
    return plan.work(for: measured + outputs, from: given, in: model)
  }

  /// What it saves not to run them.
  private func savings(
    of convolutions: [Value.ID: PointwiseConvolution], _ costs: StageCosts
  ) -> [Value.ID: Double] {
    var result: [Value.ID: Double] = [:]
    for group in Dictionary(grouping: convolutions, by: \.value.source).values {
      guard let saved = costs.saving(group.map(\.value)), saved > 0 else { continue }
      for (value, _) in group { result[value] = saved / Double(group.count) }
    }
    return result
  }

  /// Those of the convolutions that run for nothing but being measured, where it saves something not to
  /// run them.
  private func unrun(
    _ convolutions: [Value.ID: PointwiseConvolution], before sites: [CalibrationSite],
    _ outputs: Set<Value.ID>, from given: Set<Value.ID>
  ) -> [Value.ID: PointwiseConvolution] {
    guard let costs else { return [:] }
    var result = convolutions
    while true {
      let nodes = work(for: sites, result, outputs, from: given).nodes
      let idle = result.filter { !nodes.contains($0.value.node) }
      let saved = savings(of: idle, costs)
      let rest = idle.filter { saved[$0.key] != nil }
      if rest.count == result.count { return rest }
      result = rest
    }
  }
}
