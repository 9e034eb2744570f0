internal import ArgumentParser
internal import SurgeonData
internal import SurgeonIR
internal import SurgeonRules

/// What a BatchNormalization is to become.
struct NormalizationOptionGroup: ParsableArguments {
  @Option(help: ArgumentHelp("The target.", valueName: "target"))
  var to = RewriteTarget.frozen

  @Option(help: ArgumentHelp("frozen: how the statistics are spelled.", valueName: "form"))
  var form = NormalizationOptions.Form.affine

  @Option(
    help: ArgumentHelp(
      "welford: whether as many samples are always remembered, or their number grows to the cap.",
      valueName: "count"))
  var count = WelfordOptions.Count.constant

  @Option(
    help: ArgumentHelp(
      "welford: how many samples are remembered, and what pretrained statistics count as. "
        + "256 adapts four times faster, infinity (with --count capped) never forgets.",
      valueName: "n"))
  var maxCount = WelfordOptions.defaultMaximum

  @Option(help: ArgumentHelp("welford: what is counted.", valueName: "unit"))
  var countUnit = WelfordOptions.Unit.samples

  @Option(
    name: .customLong("init"),
    help: ArgumentHelp("welford, running: the initial state.", valueName: "state"))
  var initialState = WelfordOptions.Start.pretrained

  @Option(
    help: ArgumentHelp(
      "welford, running: normalise with statistics after or before this batch.",
      valueName: "statistics"))
  var normalizeWith = WelfordOptions.Normalization.updated

  @Flag(
    help: ArgumentHelp(
      "welford: one call of a model-local function surgeon.WelfordNorm for each node, in place of "
        + "some thirty operators. Needs IR version 8 (see --ir-version)."))
  var asFunction = false

  @Option(
    help: ArgumentHelp(
      "running: weight of the old statistics per sample. (default: the node's own)",
      valueName: "m"))
  var momentum: Double?

  @Option(
    help: ArgumentHelp("groupnorm: how many groups. (default: the least damage)", valueName: "n"))
  var groups: Int?

  @Option(help: ArgumentHelp("groupnorm: the size of a group.", valueName: "n"))
  var channelsPerGroup: Int?

  @Option(
    help: ArgumentHelp(
      "groupnorm, layernorm, instancenorm: where gamma and beta come from.", valueName: "source"))
  var match = NormalizationOptions.Match.moments

  @Option(
    help: ArgumentHelp(
      "groupnorm, layernorm, instancenorm: native operators, or those that training engines "
        + "can differentiate.", valueName: "operators"))
  var ops = GroupOptions.Operators.native

  @Option(
    help: ArgumentHelp("Only nodes whose name matches (repeatable).", valueName: "glob"))
  var only: [String] = []

  @Option(help: ArgumentHelp("No nodes whose name matches (repeatable).", valueName: "glob"))
  var except: [String] = []

  @Option(
    help: ArgumentHelp("Decisions by node from a file, TOML or JSON.", valueName: "file"),
    completion: .file(extensions: ["toml", "json"]))
  var plan: String?

  @Option(
    help: ArgumentHelp(
      "The way back from welford and running: final state by name. "
        + "(default: what the model holds)", valueName: "npz"),
    completion: .file(extensions: ["npz"]))
  var state: String?

  @Flag(
    help: "Print the plan that the run used, node by node, in place of the report (TOML).")
  var printPlan = false

  func validate() throws {
    if groups != nil && channelsPerGroup != nil {
      throw ValidationError("--groups and --channels-per-group exclude each other")
    }
    for count in [groups, channelsPerGroup] where (count ?? 1) < 1 {
      throw ValidationError("a group count is at least 1")
    }
    if asFunction && plan == nil && to != .welford {
      throw ValidationError("--as-function goes with --to welford")
    }
    if !(maxCount > 0) { throw ValidationError("--max-count must be above 0") }
  }

  /// The plan file's decisions, or one decision for all nodes; what --only and --except leave out is
  /// kept either way.
  func normalizationPlan() throws(SurgeonError) -> NormalizationPlan {
    if let plan {
      do {
        var result = try NormalizationPlan.parse(try TextFile.read(plan))
        let keep = NormalizationOptions(target: .keep)
        if !only.isEmpty { result.entries.insert(.init(except: only, options: keep), at: 0) }
        if !except.isEmpty { result.entries.insert(.init(only: except, options: keep), at: 0) }
        return result
      } catch {
        throw error.within(plan)
      }
    }
    var entry = NormalizationPlan.Entry(options: options)
    if !only.isEmpty { entry.only = only }
    entry.except = except
    return NormalizationPlan([entry])
  }

  /// The state file's tensors by name; none where no file was given.
  func finalState() throws(SurgeonError) -> [String: Tensor] {
    guard let state else { return [:] }
    return Dictionary(try Npz.read(state).map { ($0.name, $0.tensor) }) { first, _ in first }
  }

  private var options: NormalizationOptions {
    NormalizationOptions(
      target: to.target, form: form,
      welford: WelfordOptions(
        count: count, maximum: maxCount, unit: countUnit, start: initialState,
        normalization: normalizeWith),
      callsFunction: asFunction, momentum: momentum,
      grouping: groups.map { .groups($0) } ?? channelsPerGroup.map { .channelsPerGroup($0) }
        ?? .automatic,
      match: match, operators: ops)
  }
}

/// The targets that a command line can ask for.
enum RewriteTarget: String, ExpressibleByArgument, CaseIterable {
  case frozen, welford, running, groupnorm, layernorm, instancenorm, batchnorm

  var target: NormalizationOptions.Target {
    switch self {
    case .frozen: .frozen
    case .welford: .welford
    case .running: .running
    case .groupnorm: .groupnorm
    case .layernorm: .layernorm
    case .instancenorm: .instancenorm
    case .batchnorm: .batchnorm
    }
  }
}
