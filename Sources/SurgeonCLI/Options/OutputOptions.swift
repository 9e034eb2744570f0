internal import ArgumentParser

/// How a command prints. Every command has these.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON document and nothing else on standard output.")
  var json = false

  @Option(help: ArgumentHelp("Colour the output.", valueName: "when"))
  var color = ColorChoice.auto

  func configure(_ console: Console) { console.setColor(json ? .never : color) }
}
