internal import ArgumentParser
internal import SurgeonCalibrate
internal import SurgeonData
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonVerify

/// `surgeon rewrite MODEL`.
struct RewriteCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "rewrite",
    abstract: "Replace BatchNormalizations, verify the result, and write it.",
    discussion: """
      Prints a row for each BatchNormalization: what became of it, or every reason
      why not. Then both models run on the same inputs. The new model is written
      only where what the rules promise holds.

      frozen has three forms. A BatchNormalization node that stays in the graph is
      turned back into batch statistics by ONNX Runtime's training build, so these
      leave none:
        affine  Mul, Add: slope and intercept can be trained
        split   Sub, Mul, Mul, Add: gamma and beta stay as they are named
        fold    into the weights of a neighbour; affine where there is none

      Examples:
        surgeon rewrite model.onnx
        surgeon rewrite model.onnx --form split -o frozen.onnx --precision double
        surgeon rewrite model.onnx --to welford --max-count 64 --only '*layer4*'
      """)

  @Argument(help: "The model.", completion: .file(extensions: ["onnx"]))
  var model: String

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp(
      "Where to write. (default: MODEL with .rewritten.onnx for .onnx)", valueName: "path"),
    completion: .file(extensions: ["onnx"]))
  var outputPath: String?

  @OptionGroup(title: "What to do") var normalization: NormalizationOptionGroup

  @Flag(help: "Take initializers that a caller may override for constants.")
  var trustDefaults = false

  @Flag(name: .customLong("no-verify"), help: "Do not run the models.")
  var skipsVerification = false

  @Flag(help: "Write the model even where the verification fails (exit status 1).")
  var keep = false

  @Flag(
    help: "Write big tensors beside the model. (default: where the input has them)")
  var externalData = false

  @Option(
    help: ArgumentHelp(
      "Raise the file's IR version: state needs 4, a function 8. (default: the file's own)",
      valueName: "n"))
  var irVersion: Int?

  @Flag(help: "Also print every near miss of the rules, the nearest first.")
  var explain = false

  @OptionGroup(title: "Rules") var rules: RuleOptionGroup
  @OptionGroup(title: "Verification") var data: DataOptionGroup
  @OptionGroup(title: "Verification") var comparison: ComparisonOptionGroup
  @OptionGroup(title: "Output") var output: OutputOptions

  func run(in context: CommandContext) throws(SurgeonError) -> ExitStatus {
    let before = try ModelReader.read(path: model)
    if let outputPath { try WholeFile.requireWritable(outputPath) }
    data.samples.warnOfDimensions(missingFrom: before, to: context.console)
    var after = before
    if let irVersion {
      do {
        try after.raiseIRVersion(to: irVersion)
      } catch {
        throw error.within(model)
      }
    }
    let applied = try applyRules(to: &after, in: context)
    var report = SurgeryReport()
    let plan = try normalization.normalizationPlan()
    if rules.names.isEmpty {
      var surgery = NormalizationSurgery(plan, policy: policy)
      surgery.certifier = certifier
      surgery.certificateBudget =
        applied?.certificateBudget ?? rules.certificateBudget ?? .unlimited
      surgery.state = try normalization.finalState()
      do {
        report = try surgery.perform(on: &after, observing: observer(for: plan, context))
      } catch {
        throw error.within(model)
      }
    }
    if let applied { report.add(applied) }
    var outcome = RewriteOutcome(
      path: model, report: report, precision: comparison.session.precision)
    outcome.inputsPath = data.inputs
    outcome.namesUncertified = rules.certify == true
    outcome.rules = applied
    outcome.warnings += normalization.warningsOfIdleOptions(besideRules: !rules.names.isEmpty)
    if rules.names.isEmpty, !report.rows.isEmpty {
      outcome.warnings += normalization.warnings(
        ofNames: report.rows.map(\.name) + report.stoppedDropouts, plan)
    }
    if let path = normalization.state, !outcome.isWayBack {
      outcome.warnings.append(
        "\(path) had no say: no running statistics were turned back (--state)")
    }
    if let first = report.defaultedStates.first {
      outcome.warnings.append(
        "\(NumberText.count(report.defaultedStates.count, "state")) not in the file of --state "
          + "(first: '\(first)'): what the model holds counts")
    }
    if let path = data.inputs, skipsVerification,
      !report.plan.entries.contains(where: \.options.isFittedToData)
    {
      outcome.warnings.append("\(path) had no say: nothing ran the model (--no-verify)")
    }
    let dropouts = outcome.isChange ? try after.trainingDropouts() : []
    if let first = dropouts.first {
      outcome.warnings.append(
        "\(NumberText.count(dropouts.count, "Dropout")) in training mode (first: "
          + "'\(after.label(of: first))'): the model drops at random in every run; "
          + "--rule stop-dropout puts it into inference mode")
    }
    let path = outputPath ?? Self.defaultOutput(for: model)
    if outcome.isChange, !skipsVerification {
      if outputPath == nil { try WholeFile.requireWritable(path) }
      outcome.verification = try verify(before, after, context)
      // The way back takes the state out of the interface; that is no output gone missing.
      if outcome.isWayBack {
        let state = Set(StatePairs.find(in: before).map { before[$0.next].name })
        outcome.verification?.outputsOnlyBefore.removeAll { state.contains($0) }
      }
    }
    if (outcome.isChange || outputPath != nil) && (outcome.holds || keep) {
      let written = try ModelWriter.write(
        after, to: path, options: ModelWriter.Options(externalData: externalData))
      outcome.outputPath = path
      outcome.warnings += written.warnings
    }
    if explain {
      let rewriter = Rewriter(
        try rules.selection.known(context), options: RewriteOptions(policy: policy))
      outcome.nearMisses = try rewriter.explain(after)
    }
    if output.json {
      context.console.printJSON(RewriteDocument(outcome), command: "rewrite")
    } else if normalization.printPlan {
      context.console.print(String(report.plan.toml.dropLast()))
    } else {
      RewriteText(outcome: outcome, model: before).print(to: context.console)
      if let nearMisses = outcome.nearMisses {
        context.console.print()
        WhyText(traces: nearMisses).print(to: context.console)
      }
    }
    return outcome.holds ? .success : .differs
  }

  /// Runs the model for a group normalisation, which is fitted to data or whose damage is measured.
  private func observer(
    for plan: NormalizationPlan, _ context: CommandContext
  ) -> SampleRuns? {
    let options = plan.entries.map(\.options)
    let isFitted = options.contains(where: \.isFittedToData)
    if isFitted && data.inputs == nil { return nil }
    guard isFitted || (options.contains(where: \.target.isGroup) && !skipsVerification) else {
      return nil
    }
    let data = data
    // A verification says it of the model before, which may have inputs for state, too.
    var notesUnused = skipsVerification
    return SampleRuns(options: comparison.session.options(data)) { model throws(SurgeonError) in
      let samples = try data.source(for: model)
      if notesUnused {
        data.samples.noteUnused(of: samples, for: model, to: context.console)
        notesUnused = false
      }
      return samples
    }
  }

  private var certifier: (any Certifier)? {
    rules.certificateBudget.map { _ in RuntimeCertifier(seed: data.seed) }
  }

  private var policy: RewritePolicy { RewritePolicy(trustsDefaults: trustDefaults) }

  /// Applies the rules of files, of the tool, or named ones, before the surgery; nil where there are
  /// none.
  private func applyRules(
    to model: inout Model, in context: CommandContext
  ) throws(SurgeonError) -> RewriteReport? {
    let selected = try rules.selection.selected(context)
    guard !selected.isEmpty else { return nil }
    let options = RewriteOptions(
      policy: policy,
      selection: NameSelection(only: normalization.only, except: normalization.except),
      certifier: certifier, certificateBudget: rules.certificateBudget ?? .unlimited)
    return try Rewriter(selected, options: options).rewrite(&model)
  }

  private func verify(
    _ before: Model, _ after: Model, _ context: CommandContext
  ) throws(SurgeonError) -> VerificationReport {
    var progress = ProgressLine("verifying", on: context.console)
    defer { progress.finish() }
    do {
      let samples = try data.source(for: before)
      data.samples.noteUnused(of: samples, for: before, to: context.console)
      return try Verifier(options: comparison.verifierOptions(data)).verify(
        before, after, samples: samples
      ) { progress.update($0) }
    } catch {
      var error = error
      let remedy = "nothing was written; --no-verify writes without running the models"
      error.hint = error.hint.map { "\($0); \(remedy)" } ?? remedy
      throw error
    }
  }

  /// `model.onnx` becomes `model.rewritten.onnx`.
  static func defaultOutput(for path: String) -> String {
    (path.hasSuffix(".onnx") ? String(path.dropLast(".onnx".count)) : path) + ".rewritten.onnx"
  }
}
