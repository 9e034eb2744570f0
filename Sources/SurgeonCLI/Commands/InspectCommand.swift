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
      shared parameters.

      Example:
        surgeon inspect model.onnx
      """)

  @Argument(help: "The model.", completion: .file(extensions: ["onnx"]))
  var model: String

  @OptionGroup var output: OutputOptions

  func run(in context: CommandContext) throws(SurgeonError) -> ExitStatus {
    let inspection = try ModelInspection(try ModelReader.read(path: model))
    if output.json {
      context.console.printJSON(InspectDocument(inspection, path: model), command: "inspect")
    } else {
      InspectText(inspection: inspection, path: model).print(to: context.console)
    }
    return .success
  }
}
