internal import ArgumentParser
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRuntime
internal import SurgeonVerify

/// `surgeon inspect MODEL`.
struct InspectCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what is in a model, and the health of its BatchNormalizations.",
    usage: "surgeon inspect <model> [<options>]",
    discussion: """
      Lists inputs, outputs, operator sets, parameters and operators, and a row for each
      BatchNormalization: variance that is zero or tiny, huge mean, dead channels, training mode,
      shared parameters. Warns of nodes that do not fit their inputs and of recorded types that are
      wrong.

      With --data both modes of the network run on the samples: how far the statistics
      of a batch lie from the running ones at each BatchNormalization, and what that
      does to the outputs. This is why a loss in training mode and one in inference
      mode disagree at batch size 1.

      Examples:
        surgeon inspect model.onnx
        surgeon inspect model.onnx --data samples.npz
      """)

  @Argument(help: "The model.", completion: .file(extensions: ["onnx"]))
  var model: String

  @Flag(help: "List the type of every value, as shape inference finds it.")
  var types = false

  @OptionGroup var data: MeasuredDataOptionGroup

  @OptionGroup var output: OutputOptions

  func run(in context: CommandContext) throws(SurgeonError) -> ExitStatus {
    let model = try ModelReader.read(path: self.model)
    data.samples.warnOfDimensions(missingFrom: model, to: context.console)
    let inspection = try ModelInspection(model)
    var progress = ProgressLine("running both modes", on: context.console)
    let gap = try measure(model, context) { progress.update($0) }
    progress.finish()
    if output.json {
      var document = InspectDocument(inspection, path: self.model, listsTypes: types)
      document.trainEvalGap = gap.map(TrainEvalGapDocument.init)
      context.console.printJSON(document, command: "inspect")
    } else {
      InspectText(inspection: inspection, path: self.model).print(to: context.console)
      if types {
        context.console.print()
        for value in inspection.values {
          context.console.print("  '\(value.name)': \(TypeText.text(value.type))")
        }
      }
      for problem in inspection.problems { Diagnostics.warn(problem.warning, to: context.console) }
      if let gap {
        let size = Self.batchSize(of: inspection) ?? data.batchSize
        TrainEvalGapText(
          gap: gap, path: self.model, dataPath: data.path ?? "", batchSize: size
        ).print(to: context.console)
      }
    }
    return .success
  }

  /// The leading dimension that all inputs agree on; nil where it is left open.
  private static func batchSize(of inspection: ModelInspection) -> Int? {
    let sizes = inspection.inputs.map { port -> Int? in
      guard case .tensor(_, let shape?)? = port.type?.kind,
        case .known(let size)? = shape.dimensions.first?.size
      else { return nil }
      return size
    }
    guard let size = sizes.first, sizes.allSatisfy({ $0 == size }) else { return nil }
    return size
  }

  /// nil where no data were given.
  private func measure(
    _ model: Model, _ context: CommandContext, progress: (Double) -> Void
  ) throws(SurgeonError) -> TrainEvalGap? {
    guard let samples = try data.source(for: model) else { return nil }
    data.samples.noteUnused(of: samples, for: model, to: context.console)
    var options = SessionOptions()
    options.threads = data.threads.count
    options.dimensions = data.samples.dimensions.sizes
    return try TrainEvalGap(model, samples: samples, options: options, progress: progress)
  }
}
