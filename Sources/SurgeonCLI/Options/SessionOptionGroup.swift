internal import ArgumentParser
internal import SurgeonRuntime

/// In what a model runs.
struct SessionOptionGroup: ParsableArguments {
  @Option(help: ArgumentHelp("Run in the model's types, or in Float64.", valueName: "precision"))
  var precision = SessionOptions.Precision.single

  @OptionGroup var threads: ThreadOptionGroup

  func options(_ data: DataOptionGroup) -> SessionOptions {
    var options = SessionOptions()
    options.precision = precision
    options.threads = threads.count
    options.seed = data.seed
    options.dimensions = data.samples.dimensions.sizes
    return options
  }
}

/// How many threads a model runs on.
struct ThreadOptionGroup: ParsableArguments {
  @Option(
    name: .customLong("threads"),
    help: ArgumentHelp("Threads to run on; 0 means as many as there are cores.", valueName: "n"))
  var count = 0

  func validate() throws {
    if count < 0 { throw ValidationError("--threads must not be negative") }
  }
}
