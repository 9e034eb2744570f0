internal import SurgeonData
internal import SurgeonIR
internal import SurgeonRuntime
internal import SurgeonShapes

/// What the samples make of the model: what its nodes cost, and which of them take several samples
/// as one.
struct Workload {
  /// The plan for what the samples give.
  let plan: CalibrationPlan
  /// Nil where the first sample does not fit the model, which the run will say.
  let costs: StageCosts?
  /// Nil where samples run one by one.
  let independence: SampleIndependence?

  init(_ samples: any SampleSource, for calibrator: Calibrator) throws(SurgeonError) {
    let (model, options) = (calibrator.model, calibrator.options)
    let first = try samples.sample(0)
    let plan = try calibrator.plan.feeding(first.keys, in: model)
    self.plan = plan
    let given = first.compactMapValues { datum in
      datum.tensor.map { ValueType.tensor($0.elementType, Shape($0.shape)) }
    }
    let types = try? ShapeInference.infer(
      model, inputs: given, dimensions: options.session.dimensions)
    costs = types.map {
      StageCosts(model, types: $0, samplesAreMapped: samples.isMapped)
    }
    let isFast = options.session.precision == .single && options.session.engine == .fast
    guard isFast, let types else {
      independence = nil
      return
    }
    independence = try SampleIndependence(
      model, given: given, types: types,
      constants: { plan.isConstant($0, in: model) })
  }

  /// How many samples run as one.
  func width(of part: GraphPart) throws(SurgeonError) -> Int {
    guard let costs, let independence else { return 1 }
    let width = costs.width(of: part)
    guard width > 1 else { return 1 }
    return try independence.holds(for: part) ? width : 1
  }
}
