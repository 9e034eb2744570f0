internal import SurgeonDiff
internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonShapes
internal import SurgeonVerify

/// Collects what a page shows of each node.
struct PageDataBuilder {
  let diff: StructuralDiff
  let before: Model
  let after: Model
  let status: PageStatus
  let drifts: [LockStep.ValueDrift]

  /// Weights larger than this get no histogram.
  private static let largestHistogram = 4 << 20

  /// - Throws: what reading a constant throws.
  func data(
    _ idBefore: (Node.ID) -> String, _ idAfter: (Node.ID) -> String
  ) throws(SurgeonError) -> PageData {
    var partnersBefore: [Node.ID: [String]] = [:]
    var partnersAfter: [Node.ID: [String]] = [:]
    for group in diff.replaced {
      let added = group.added.map(idAfter) + group.absorbing.map { idAfter($0.after) }
      for node in group.removed { partnersBefore[node] = added }
      for node in group.added { partnersAfter[node] = group.removed.map(idBefore) }
    }
    let changes = Dictionary(
      diff.changed.map { ($0.before, $0) }, uniquingKeysWith: { first, _ in first })
    var entries: [PageData.Entry] = []
    var tour: [String] = []
    let types = (try ShapeInference.infer(before), try ShapeInference.infer(after))
    for node in before.allNodes {
      let partner = diff.correspondence.after(node).map { [idAfter($0)] }
      let entry = try entry(
        node, idBefore(node), status.before[node], in: before, types.0, other: after,
        partner ?? partnersBefore[node] ?? [], changes[node]
      ) { diff.correspondence.after($0) }
      if !["same", "renamed"].contains(entry.status) { tour.append(entry.id) }
      entries.append(entry)
    }
    for node in after.allNodes {
      let partner = diff.correspondence.before(node)
      let entry = try entry(
        node, idAfter(node), status.after[node], in: after, types.1, other: before,
        partner.map { [idBefore($0)] } ?? partnersAfter[node] ?? [], partner.flatMap { changes[$0] }
      ) { diff.correspondence.before($0) }
      if entry.status == "added" { tour.append(entry.id) }
      entries.append(entry)
    }
    return PageData(nodes: entries, tour: tour, drift: drifts.map { point($0, idBefore) })
  }

  private func entry(
    _ node: Node.ID, _ id: String, _ status: String?, in model: Model, _ types: TypeTable,
    other: Model,
    _ partners: [String], _ change: StructuralDiff.NodeChange?,
    counterpart: (Value.ID) -> Value.ID?
  ) throws(SurgeonError) -> PageData.Entry {
    let record = model[node]
    let status = status ?? "same"
    var weights: [PageData.Weight] = []
    for case let input? in record.inputs {
      guard let tensor = model[input].initializer else { continue }
      var weight = PageData.Weight(
        name: model[input].name, type: "\(tensor.elementType.name)\(tensor.shape)")
      // Histograms are for what changed: a page of all weights would be as large as the model.
      if status != "same", status != "renamed", tensor.count <= Self.largestHistogram {
        let second = counterpart(input).flatMap { other[$0].initializer }
        let histograms = try Histogram.all(tensor, second)
        weight.histogram = histograms?.first
        weight.other = histograms?.second
      }
      weights.append(weight)
    }
    return PageData.Entry(
      id: id, name: model.label(of: node), op: record.opType, status: status,
      place: model.place(of: record.graph),
      partners: partners,
      attributes: record.attributes.map { [$0.name, $0.payload.summary] },
      inputs: record.inputs.map { describe($0, in: model, types) },
      outputs: record.outputs.map { describe($0, in: model, types) },
      weights: weights, changes: words(change))
  }

  private func describe(
    _ value: Value.ID?, in model: Model, _ types: TypeTable
  ) -> [String] {
    guard let value else { return ["(left out)"] }
    // Constants are shown with their weights.
    guard model[value].initializer == nil, let type = types[value] else {
      return [model[value].name]
    }
    return [model[value].name, TypeText.text(type)]
  }

  private func words(_ change: StructuralDiff.NodeChange?) -> [String] {
    guard let change else { return [] }
    var words = change.attributes.map { attribute in
      "\(attribute.name): \(attribute.before?.payload.summary ?? "(absent)") → "
        + (attribute.after?.payload.summary ?? "(absent)")
    }
    for slot in change.inputs {
      let (x, y) = (before[change.before].input(slot), after[change.after].input(slot))
      words.append(
        "input \(slot): \(x.map { before[$0].name } ?? "(absent)") → "
          + (y.map { after[$0].name } ?? "(absent)"))
    }
    for slot in change.outputs {
      let (x, y) = (before[change.before].output(slot), after[change.after].output(slot))
      words.append(
        "output \(slot): \(x.map { before[$0].name } ?? "(absent)") → "
          + (y.map { after[$0].name } ?? "(absent)"))
    }
    for slot in change.types {
      let (x, y) = (before[change.before].output(slot), after[change.after].output(slot))
      words.append(
        "type of output \(slot): \(TypeText.text(x.flatMap { before[$0].type })) → "
          + TypeText.text(y.flatMap { after[$0].type }))
    }
    return words
  }

  private func point(
    _ value: LockStep.ValueDrift, _ idBefore: (Node.ID) -> String
  ) -> PageData.Point {
    PageData.Point(
      id: before[value.before].producer.map { idBefore($0.node) } ?? "", name: value.name,
      position: value.position, relative: value.drift.relative,
      maxAbsolute: value.drift.maxAbsolute, p99: value.drift.quantiles?.p99,
      snr: value.drift.signalToNoise,
      diverges: value.isDivergence)
  }
}
