internal import ArgumentParser
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonVerify

/// `surgeon inspect MODEL`.
struct InspectCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what is in a model, and the health of its BatchNormalizations.",
    discussion: """
      Lists inputs, outputs, operator sets, parameters and operators, and a row for each
      BatchNormalization: variance that is zero or tiny, huge mean, dead channels, training mode,
      shared parameters. Warns of nodes that do not fit their inputs and of recorded types that are
      wrong.

      Example:
        surgeon inspect model.onnx
      """)

  @Argument(help: "The model.", completion: .file(extensions: ["onnx"]))
  var model: String

  @Flag(help: "List the type of every value, as shape inference finds it.")
  var types = false

  @OptionGroup var output: OutputOptions

  func run(in context: CommandContext) throws(SurgeonError) -> ExitStatus {
    let inspection = try ModelInspection(try ModelReader.read(path: model))
    if output.json {
      let document = InspectDocument(inspection, path: model, listsTypes: types)
      context.console.printJSON(document, command: "inspect")
    } else {
      InspectText(inspection: inspection, path: model).print(to: context.console)
      if types {
        context.console.print()
        for value in inspection.values {
          context.console.print("  '\(value.name)': \(TypeText.text(value.type))")
        }
      }
      for problem in inspection.problems { Diagnostics.warn(problem.warning, to: context.console) }
    }
    return .success
  }
}
