internal import ArgumentParser
internal import SurgeonDiff
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonVerify

/// `surgeon show MODEL`.
struct ShowCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print a model in ONNX's text syntax.",
    discussion: """
      Large weights are left out; a comment gives their hash and statistics, so that
      a changed weight is a changed line. That makes it git's textconv.

      Examples:
        surgeon show model.onnx
        git config diff.onnx.textconv 'surgeon show'
      """)

  @Argument(help: "The model.", completion: .file(extensions: ["onnx"]))
  var model: String

  @Option(help: ArgumentHelp("Print constants of up to N elements in full.", valueName: "n"))
  var elements = 16

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if elements < 0 { throw ValidationError("--elements must not be negative") }
  }

  func run(in context: CommandContext) throws(SurgeonError) -> ExitStatus {
    let model = try ModelReader.read(path: self.model)
    let options = OnnxText.PrintOptions(
      largestConstant: elements, describe: { Self.describe($0) })
    let text = OnnxText.print(model, options: options)
    if output.json {
      context.console.printJSON(ShowDocument(model: self.model, text: text), command: "show")
    } else {
      context.console.print(text, terminator: "")
    }
    return .success
  }

  /// `hash 0123456789abcdef, mean 0.1, std 2, min -3, max 4`; what cannot be read says so.
  private static func describe(_ tensor: Tensor) -> String {
    do {
      let hash = String(try ContentHash.of(tensor), radix: 16)
      var text = "hash " + String(repeating: "0", count: 16 - hash.count) + hash
      if let statistics = try ValueSummary.Statistics(tensor) {
        text += ", mean \(NumberText.short(statistics.mean))"
        text += ", std \(NumberText.short(statistics.deviation))"
        text += ", min \(NumberText.short(statistics.minimum))"
        text += ", max \(NumberText.short(statistics.maximum))"
        if statistics.nonFinite > 0 { text += ", \(statistics.nonFinite) not finite" }
      }
      return text
    } catch {
      return "cannot be read: \(error.detail ?? error.message)"
    }
  }
}

/// What `surgeon show --json` prints.
struct ShowDocument: Encodable {
  var model: String
  var text: String
}
