public import SurgeonIR

/// Welford's recurrence and the normalisation by it as one function of the model, which every
/// normalisation calls, so that a graph stays readable:
///
///     y, next_mean, next_m2 = surgeon.WelfordNorm <epsilon, max_count> (x, gamma, beta, mean, m2)
///
/// A count that is state comes after `m2`, and is followed by `next_count`; without a maximum there
/// is no attribute `max_count`. X is of the type that statistics are computed in and of any rank
/// and number of channels. Functions need IR version 8.
public struct WelfordFunction: Sendable {
  public static let domain = "surgeon"
  /// The first function of a model has this name, further forms have a number behind it.
  public static let name = "WelfordNorm"
  /// The first version of the file format in which a model has functions.
  public static let irVersion = 8

  /// The names of a model's functions of this kind.
  public static func names(in model: borrowing Model) -> [String] {
    model.functions.filter { $0.domain == domain && $0.name.hasPrefix(name) }.map(\.name)
  }

  /// Adds the function that computes a form to a model, unless it has it.
  ///
  /// - Returns: its name.
  public static func define(
    _ form: WelfordForm, opset: Int, in model: inout Model
  ) throws(SurgeonError) -> String {
    let documentation = documentation(of: form)
    let taken = names(in: model)
    let isDefined = { (function: Function) in
      function.domain == domain && taken.contains(function.name)
        && function.docString == documentation
        && function.opsetImports == [OpsetImport(domain: "", version: opset)]
    }
    if let known = model.functions.first(where: isDefined) { return known.name }
    var name = name
    var number = 1
    while taken.contains(name) {
      number += 1
      name = "\(Self.name)\(number)"
    }
    if !model.header.opsetImports.contains(where: { $0.domain == domain }) {
      model.header.opsetImports.append(OpsetImport(domain: domain, version: 1))
    }
    let body = model.addGraph(owner: .function(model.functions.count))
    func input(_ name: String) -> Value.ID {
      let value = model.addValue(named: name, in: body)
      model.addInput(value)
      return value
    }
    let x = input("x")
    let (gamma, beta) = (input("gamma"), input("beta"))
    let (mean, m2) = (input("mean"), input("m2"))
    let state = NormalizationState(
      count: form.counting == .constant ? nil : input("count"), mean: mean, spread: m2)
    model.addFunction(
      Function(
        name: name, domain: domain, body: body,
        attributeNames: form.counting == .uncapped ? ["epsilon"] : ["epsilon", "max_count"],
        opsetImports: [OpsetImport(domain: "", version: opset)], docString: documentation))
    try spell(form, x: x, gamma: gamma, beta: beta, state: state, opset: opset, body, in: &model)
    return name
  }

  /// Takes functions that nothing calls out of a model again.
  public static func removeUncalled(in model: inout Model) {
    let names = Set(names(in: model))
    guard !names.isEmpty else { return }
    var called: Set<String> = []
    for node in model.allNodes where model[node].domain == domain {
      called.insert(model[node].opType)
    }
    for function in model.functions
    where function.domain == domain && names.contains(function.name)
      && !called.contains(function.name)
    {
      model.removeFunction(function.body)
    }
    if !model.functions.contains(where: { $0.domain == domain }), called.isEmpty {
      model.header.opsetImports.removeAll { $0.domain == domain }
    }
  }

  /// A call.
  ///
  /// - Returns: Y, and the state after the batch.
  static func call(
    _ name: String, of x: NormalizedInput, state: NormalizationState, gamma: Value.ID,
    beta: Value.ID, epsilon: Double, maximum: Double, opset: Int, into patch: inout Patch
  ) -> (output: Value.ID, next: NormalizationState) {
    func attribute(_ name: String, _ number: Double) -> Attribute {
      opset >= numbersOpset
        ? .float(name, Float(number)) : .tensor(name, Tensor([Float(number)], shape: []))
    }
    var attributes = [attribute("epsilon", epsilon)]
    if maximum.isFinite { attributes.append(attribute("max_count", maximum)) }
    var types = [x.type, x.channelType, x.channelType]
    if state.count != nil { types.append(x.scalarType) }
    let inputs = [x.value, gamma, beta, state.mean, state.spread] + [state.count].compactMap { $0 }
    let outputs = patch.ops(
      name, domain: domain, inputs, attributes, name: "welford_norm", outputTypes: types)
    return (
      outputs[0],
      NormalizationState(
        count: outputs.count > 3 ? outputs[3] : nil, mean: outputs[1], spread: outputs[2])
    )
  }

  /// The operator set from which on a Constant takes a number for its value; before, a tensor.
  private static let numbersOpset = 12

  private static func documentation(of form: WelfordForm) -> String {
    let unit = form.unit == .samples ? "samples" : "elements of a channel"
    let used =
      form.normalization == .updated
      ? "the statistics that this batch is part of" : "the statistics before this batch"
    return "Batch normalisation by running statistics (Welford; Chan, Golub and LeVeque), in "
      + "\(form.elementType.name): \(form.counting.rawValue) count of \(unit); normalises with "
      + used + (form.mayBeEmpty ? ", with variance 1 before the first." : ".")
  }

  private static func spell(
    _ form: WelfordForm, x: Value.ID, gamma: Value.ID, beta: Value.ID, state: NormalizationState,
    opset: Int, _ body: Graph.ID, in model: inout Model
  ) throws(SurgeonError) {
    var patch = Patch(to: model, in: body, before: nil, namePrefix: "")
    let spelling = OperatorSpelling(opset: opset)
    func number(_ attribute: String) -> Value.ID {
      let (key, code): (String, Int32) = opset >= numbersOpset ? ("value_float", 1) : ("value", 4)
      let constant = patch.op(
        "Constant", [],
        [Attribute(key, .reference(to: attribute, typeCode: code))], name: attribute)
      return spelling.cast(
        constant, from: .float32, to: form.elementType, shape: nil, name: "\(attribute)_cast",
        into: &patch)
    }
    let epsilon = number("epsilon")
    let maximum = form.counting == .uncapped ? nil : number("max_count")
    // [N, C, positions] whatever the rank: the function has one body for all.
    let shape = patch.op("Shape", [x], name: "shape")
    let flat = spelling.reshape(x, to: [0, 0, -1], name: "flat", type: nil, into: &patch)
    let open = Shape([Dimension.unknown, .unknown, .unknown])
    let input = NormalizedInput(
      value: flat, elementType: form.elementType, shape: open, channels: nil)
    let (normalized, next) = spelling.welford(
      input, state: state, gamma: gamma, beta: beta, epsilon: epsilon, maximum: maximum,
      form: form, into: &patch)
    let y = patch.op("Reshape", [normalized, shape], name: "y")
    let outputs =
      [("y", y), ("next_mean", next.mean), ("next_m2", next.spread)]
      + (next.count.map { [("next_count", $0)] } ?? [])
    for (_, value) in outputs { patch.graphOutput(value) }
    _ = try model.apply(patch)
    // Types differ from call to call, and the names of a body are its own.
    for value in model.allValues where model[value].graph == body {
      model.setType(nil, of: value)
    }
    for (name, value) in outputs where model.localValue(named: name, in: body) == nil {
      model.rename(value, to: name)
    }
  }
}
