internal import SurgeonIR
internal import SurgeonRuntime

/// What came of a case.
enum Verdict {
  case passed
  case failed(String)
  case unsupported(String)

  var word: String {
    switch self {
    case .passed: "passed"
    case .failed: "failed"
    case .unsupported: "unsupported"
    }
  }

  /// On one line.
  var reason: String {
    switch self {
    case .passed: ""
    case .failed(let text), .unsupported(let text):
      text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }
        .joined(separator: "; ").replacing("\t", with: " ")
    }
  }
}

/// Runs cases one after the other.
struct CaseRunner {
  let options: SessionOptions

  func run(_ test: Case) -> Verdict {
    do throws(SurgeonError) {
      let session = try Session(try test.model(), options: options)
      var index = 0
      while let data = try test.dataSet(index) {
        if let found = try difference(session, data, test) { return .failed(found) }
        index += 1
      }
      return index > 0 ? .passed : .failed("the case has no data")
    } catch {
      return error.code == .unsupportedOperator
        ? .unsupported(error.description) : .failed(error.description)
    }
  }

  private func difference(
    _ session: Session, _ data: DataSet, _ test: Case
  ) throws(SurgeonError) -> String? {
    var inputs: [String: Datum] = [:]
    for (input, datum) in zip(session.inputs, data.inputs) { inputs[input.name] = datum }
    let outputs = try session.run(inputs)
    guard outputs.count == data.outputs.count else {
      return "\(outputs.count) outputs instead of \(data.outputs.count)"
    }
    let comparison = Comparison(
      relative: test.relativeTolerance, absolute: test.absoluteTolerance)
    for (output, expected) in zip(outputs, data.outputs) {
      if let found = try comparison.difference(output.value, expected) {
        return "output '\(output.name)': \(found)"
      }
    }
    return nil
  }
}
