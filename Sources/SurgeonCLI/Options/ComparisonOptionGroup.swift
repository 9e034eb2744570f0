internal import ArgumentParser
internal import SurgeonRuntime
internal import SurgeonVerify

/// How the outputs of two models are compared.
struct ComparisonOptionGroup: ParsableArguments {
  @Option(help: ArgumentHelp("Run in the model's types, or in Float64.", valueName: "precision"))
  var precision = SessionOptions.Precision.single

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

  @Option(
    help: ArgumentHelp("Threads to run on; 0 means as many as there are cores.", valueName: "n"))
  var threads = 0

  func validate() throws {
    if let atol, !(atol >= 0) { throw ValidationError("--atol must not be negative") }
    if let rtol, !(rtol >= 0) { throw ValidationError("--rtol must not be negative") }
    if threads < 0 { throw ValidationError("--threads must not be negative") }
  }

  func verifierOptions(_ data: DataOptionGroup) -> Verifier.Options {
    var options = Verifier.Options()
    options.precision = precision
    options.absoluteTolerance = atol
    options.relativeTolerance = rtol
    options.threads = threads
    options.dimensions = data.dimensions.sizes
    options.seed = data.seed
    // A tolerance that the user chose is the whole criterion.
    options.confirmsInDouble = atol == nil && rtol == nil
    return options
  }

  /// How one model is run.
  func sessionOptions(_ data: DataOptionGroup) -> SessionOptions {
    var options = SessionOptions()
    options.precision = precision
    options.threads = threads
    options.seed = data.seed
    options.dimensions = data.dimensions.sizes
    return options
  }
}
