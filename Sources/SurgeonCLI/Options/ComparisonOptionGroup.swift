internal import ArgumentParser
internal import SurgeonRuntime
internal import SurgeonVerify

/// How the outputs of two models are compared.
struct ComparisonOptionGroup: ParsableArguments {
  @OptionGroup var session: SessionOptionGroup

  @Option(
    help: ArgumentHelp(
      "Largest absolute error. (default: what rounding may do to the output's type)",
      valueName: "number"))
  var atol: Double?

  @Option(
    help: ArgumentHelp(
      "Largest error as a part of the output's largest magnitude. (default: likewise)",
      valueName: "number"))
  var rtol: Double?

  func validate() throws {
    if let atol, !(atol >= 0) { throw ValidationError("--atol must not be negative") }
    if let rtol, !(rtol >= 0) { throw ValidationError("--rtol must not be negative") }
  }

  func verifierOptions(_ data: DataOptionGroup) -> Verifier.Options {
    let session = session.options(data)
    var options = Verifier.Options()
    options.precision = session.precision
    options.absoluteTolerance = atol
    options.relativeTolerance = rtol
    options.threads = session.threads
    options.dimensions = session.dimensions
    options.seed = session.seed
    // A tolerance that the user chose is the whole criterion.
    options.confirmsInDouble = atol == nil && rtol == nil
    return options
  }
}
