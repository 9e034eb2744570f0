internal import SurgeonIR

/// The second model with its functions under the names that their likes have in the first.
///
/// Calls are told apart by names, so names come before everything else of a comparison.
struct FunctionNames {
  /// The second model; its handles stay what they are.
  private(set) var after: Model
  /// A change for each function that has another name.
  private(set) var changes: [HeaderChange] = []

  /// - Throws: what reading a constant throws.
  init(_ before: Model, _ after: Model) throws(SurgeonError) {
    self.after = after
    // A function that calls a renamed one is alike once that one has its name back.
    while try renameOnce(before) {}
  }

  private mutating func renameOnce(_ before: Model) throws(SurgeonError) -> Bool {
    let here = before.functions.filter { function in
      !after.functions.contains { $0.isNamesake(of: function) }
    }
    let there = after.functions.filter { function in
      !before.functions.contains { $0.isNamesake(of: function) }
    }
    guard !here.isEmpty, !there.isEmpty else { return false }
    let (hashesBefore, hashesAfter) = (try StructuralHash(before), try StructuralHash(after))
    var waiting: [UInt64: [Function]] = [:]
    for function in there.reversed() {
      waiting[hashesAfter.hash(of: function, in: after), default: []].append(function)
    }
    var isRenamed = false
    for function in here {
      let hash = hashesBefore.hash(of: function, in: before)
      guard let other = waiting[hash]?.popLast() else { continue }
      after.renameFunction(
        other.body, to: function.name, domain: function.domain, overload: function.overload)
      changes.append(
        HeaderChange(
          kind: .functionName, subject: "", before: function.fullName, after: other.fullName))
      isRenamed = true
    }
    return isRenamed
  }
}

extension Function {
  func isNamesake(of other: Function) -> Bool {
    name == other.name && overload == other.overload
      && Model.canonical(domain) == Model.canonical(other.domain)
  }

  /// The name with the domain.
  var fullName: String { "\(domain).\(name)" }
}

extension StructuralHash {
  /// What a function computes, whatever it is called.
  fileprivate func hash(of function: Function, in model: Model) -> UInt64 {
    let body = model[function.body]
    var result = StableHash()
    result.combine(body.inputs.count)
    for name in function.attributeNames + function.attributeDefaults.map(\.name) {
      result.combine(name)
    }
    for output in body.outputs { result.combine(hash(of: output)) }
    result.combine(
      StableHash.unordered(model.nodes(of: function.body).map { upstream[Int($0.raw)] }))
    return result.value
  }
}
