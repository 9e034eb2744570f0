internal import SurgeonData
internal import SurgeonIR

/// Which inputs and outputs of two models are counterparts: those of one name, and then those at
/// one position among the rest.
struct InterfacePairing {
  struct Output {
    var name: String
    var nameAfter: String
    /// Positions among the outputs of each model.
    var before: Int
    var after: Int
  }

  private(set) var outputs: [Output] = []
  private(set) var outputsOnlyBefore: [String] = []
  private(set) var outputsOnlyAfter: [String] = []
  /// Names in the second model of inputs that have another name there.
  private var renamedInputs: [String: String] = [:]
  private var inputsOnlyBefore: Set<String> = []

  /// - Throws: `impossible` where the second model wants an input that the first does not have.
  init(_ before: Model, _ after: Model) throws(SurgeonError) {
    try pairInputs(ModelInput.all(of: before), ModelInput.all(of: after))
    pairOutputs(
      before[before.mainGraph].outputs.map { before[$0].name },
      after[after.mainGraph].outputs.map { after[$0].name })
  }

  /// What the second model is given where the first is given `inputs`.
  func inputsAfter(_ inputs: [String: Datum]) -> [String: Datum] {
    var result: [String: Datum] = [:]
    for (name, datum) in inputs where !inputsOnlyBefore.contains(name) {
      result[renamedInputs[name] ?? name] = datum
    }
    return result
  }

  private mutating func pairInputs(
    _ before: [ModelInput], _ after: [ModelInput]
  ) throws(SurgeonError) {
    let namesBefore = Set(before.map(\.name))
    let namesAfter = Set(after.map(\.name))
    let strangersBefore = before.filter { !namesAfter.contains($0.name) }
    let strangersAfter = after.filter { !namesBefore.contains($0.name) && !$0.hasDefault }
    guard strangersAfter.count <= strangersBefore.count else {
      throw SurgeonError(
        .impossible, "the second model wants an input that the first does not have",
        detail: strangersAfter.dropFirst(strangersBefore.count).map { "'\($0.name)'" }
          .joined(separator: ", "))
    }
    for (x, y) in zip(strangersBefore, strangersAfter) { renamedInputs[x.name] = y.name }
    inputsOnlyBefore = Set(strangersBefore.dropFirst(strangersAfter.count).map(\.name))
  }

  private mutating func pairOutputs(_ before: [String], _ after: [String]) {
    let positions = Dictionary(
      after.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let namesBefore = Set(before)
    var strangersAfter = after.enumerated().filter { !namesBefore.contains($0.element) }[...]
    let strangerCount = before.filter { positions[$0] == nil }.count
    // Outputs that a rewrite added (the next state) are no counterparts of outputs that it lost.
    let pairsByPosition = strangerCount == strangersAfter.count
    for (index, name) in before.enumerated() {
      if let position = positions[name] {
        outputs.append(Output(name: name, nameAfter: name, before: index, after: position))
      } else if pairsByPosition, let other = strangersAfter.popFirst() {
        outputs.append(
          Output(name: name, nameAfter: other.element, before: index, after: other.offset))
      } else {
        outputsOnlyBefore.append(name)
      }
    }
    outputsOnlyAfter = strangersAfter.map(\.element)
  }
}
