internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonShapes

/// A stage made ready to run, sample by sample.
struct StageRun {
  let stage: CalibrationStage
  private let session: Session
  private let names: [Value.ID: String]

  init(
    _ stage: CalibrationStage, of model: Model, types: TypeTable, options: SessionOptions
  ) throws(SurgeonError) {
    self.stage = stage
    let ids = stage.inputs + stage.outputs + stage.sites.map(\.norm.input)
    names = Dictionary(ids.map { ($0, model[$0].name) }, uniquingKeysWith: { first, _ in first })
    session = try Session(stage.model(of: model, types: types), options: options)
  }

  /// The whole model up to the last site, as it is; all sites are measured.
  static func joint(
    _ plan: CalibrationPlan, of model: Model, types: TypeTable, options: SessionOptions
  ) throws(SurgeonError) -> StageRun {
    var stage = plan.stage(from: 0, measuring: plan.groupCount - 1, in: model)
    stage.sites = plan.sites
    let produced = plan.sites.map(\.norm.input).filter { value in
      model[value].producer.map { stage.nodes.contains($0.node) } ?? false
    }
    stage.outputs = Set(stage.outputs + produced).sorted()
    let inputs = plan.sites.map(\.norm.input).filter { model.isFed($0) }
    stage.inputs = Set(stage.inputs + inputs).sorted()
    return try StageRun(stage, of: model, types: types, options: options)
  }

  /// Inputs and outputs of the stage, by name.
  func values(_ inputs: [String: Datum]) throws(SurgeonError) -> [String: Datum] {
    var values = inputs
    let wanted = Set(session.inputs.map(\.name))
    for (name, datum) in try session.run(inputs.filter { wanted.contains($0.key) }) {
      values[name] = datum
    }
    return values
  }

  /// Adds what the sites see of one sample.
  func measure(
    _ values: [String: Datum], sample: Int, group: Int, into statistics: inout CollectedStatistics
  ) throws(SurgeonError) {
    for site in stage.sites {
      guard let name = names[site.norm.input], let tensor = values[name]?.tensor else {
        throw SurgeonError(.broken, "the input of '\(site.name)' was not computed")
      }
      let moments: Moments
      do throws(SurgeonError) {
        moments = try MomentsMeter.moments(of: tensor)
      } catch {
        throw error.within("node '\(site.name)'").within("sample \(sample)")
      }
      guard moments.mean.allSatisfy(\.isFinite), moments.m2.allSatisfy(\.isFinite) else {
        throw SurgeonError(
          .invalidData, "the input of a BatchNormalization is not finite",
          at: ["sample \(sample)", "node '\(site.name)'"],
          detail: "its numbers are too large or NaN, though those of the sample are finite")
      }
      statistics.add(moments, to: site.name, group: site.group)
    }
  }
}
