internal import ArgumentParser
internal import SurgeonData
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules

/// What a BatchNormalization is to become.
///
/// What has a default is optional here all the same: beside a plan, which says it all, nothing may
/// be given.
struct NormalizationOptionGroup: ParsableArguments {
  @Option(help: ArgumentHelp("The target. (default: frozen)", valueName: "target"))
  var to: RewriteTarget?

  @Option(
    help: ArgumentHelp(
      "frozen: how the statistics are spelled. (default: affine)", valueName: "form"))
  var form: NormalizationOptions.Form?

  @Option(
    help: ArgumentHelp(
      "welford: whether as many samples are always remembered, or their number grows to the cap. "
        + "(default: constant)",
      valueName: "count"))
  var count: WelfordOptions.Count?

  @Option(
    help: ArgumentHelp(
      "welford: how many samples are remembered, and what pretrained statistics count as. "
        + "256 adapts eight times faster, infinity (with --count capped) never forgets. "
        + "(default: \(Int(WelfordOptions.defaultMaximum)))",
      valueName: "n"))
  var maxCount: Double?

  @Option(help: ArgumentHelp("welford: what is counted. (default: samples)", valueName: "unit"))
  var countUnit: WelfordOptions.Unit?

  @Option(
    name: .customLong("init"),
    help: ArgumentHelp(
      "welford, running: the initial state. (default: pretrained)", valueName: "state"))
  var initialState: WelfordOptions.Start?

  @Option(
    help: ArgumentHelp(
      "welford, running: normalise with statistics after or before this batch. "
        + "(default: updated)",
      valueName: "statistics"))
  var normalizeWith: WelfordOptions.Normalization?

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
      "groupnorm, layernorm, instancenorm: where gamma and beta come from. "
        + "(default: moments)", valueName: "source"))
  var match: NormalizationOptions.Match?

  @Option(
    help: ArgumentHelp(
      "groupnorm, layernorm, instancenorm: native operators, or those that training engines "
        + "can differentiate. (default: native)", valueName: "operators"))
  var ops: GroupOptions.Operators?

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
    if plan != nil, let key = givenDecisions.first {
      throw ValidationError(
        "\(Self.flag(key)) has no say beside --plan, which decides what each node becomes; "
          + "--only and --except narrow a plan")
    }
    if asFunction && to != .welford {
      throw ValidationError("--as-function goes with --to welford")
    }
    if let maxCount, !(maxCount > 0) { throw ValidationError("--max-count must be above 0") }
  }

  /// The keys in a plan of the options on the command line that decide what a node becomes.
  private var givenDecisions: [String] {
    let all = [
      ("to", to != nil), ("form", form != nil), ("count", count != nil),
      ("max-count", maxCount != nil), ("count-unit", countUnit != nil),
      ("init", initialState != nil), ("normalize-with", normalizeWith != nil),
      ("as-function", asFunction), ("momentum", momentum != nil), ("groups", groups != nil),
      ("channels-per-group", channelsPerGroup != nil), ("match-by", match != nil),
      ("ops", ops != nil),
    ]
    return all.filter(\.1).map(\.0)
  }

  /// `--match` of `match-by`; the others are called alike.
  private static func flag(_ key: String) -> String { key == "match-by" ? "--match" : "--" + key }

  /// What to say of options that nothing looked at: those of another target, or all of them where named
  /// rules are what is applied. No errors: whoever makes several targets gives all of them the same options.
  func warningsOfIdleOptions(besideRules: Bool) -> [String] {
    if besideRules {
      let others = [("--plan", plan != nil), ("--state", state != nil)]
      let idle = givenDecisions.map(Self.flag) + others.filter(\.1).map(\.0)
      return idle.isEmpty
        ? []
        : [
          "\(idle.joined(separator: ", ")) had no say: --rule applies the named rules and nothing else"
        ]
    }
    guard plan == nil else { return [] }
    return givenDecisions.compactMap { key in
      let targets = NormalizationOptions.targets(lookingAt: key)
      guard !targets.isEmpty, !targets.contains(options.target) else { return nil }
      let others = targets.map { "--to \($0.rawValue)" }.joined(separator: ", ")
      return "\(Self.flag(key)) had no say in what --to \(options.target.rawValue)"
        + "\(to == nil ? " (the default)" : "") makes; it goes with \(others)"
    }
  }

  /// The plan file's decisions, or one decision for all nodes; what --only and --except leave out is
  /// kept either way.
  func normalizationPlan() throws(SurgeonError) -> NormalizationPlan {
    if let plan {
      let text = try TextFile.read(plan)
      do {
        var result = try NormalizationPlan.parse(text)
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

  /// What to say of patterns (of `plan`, too) that are like none of `names`: one may be misspelt.
  func warnings(ofNames names: [String], _ plan: NormalizationPlan) -> [String] {
    let planned = plan.entries.flatMap { $0.only + $0.except }
    var seen: Set<String> = []
    var warnings: [String] = []
    for (globs, source) in [(only, "--only"), (except, "--except"), (planned, "--plan")] {
      let idle = globs.filter { glob in
        seen.insert(glob).inserted && !names.contains { Glob.matches($0, glob) }
      }
      if let first = idle.first {
        let rest = idle.count - 1
        let others = rest > 0 ? " nor like \(NumberText.count(rest, "other pattern"))" : ""
        warnings.append(
          "no BatchNormalization has a name like '\(first)'\(others) (\(source))")
      }
    }
    return warnings
  }

  /// The state file's tensors by name; none where no file was given.
  func finalState() throws(SurgeonError) -> [String: Tensor] {
    guard let state else { return [:] }
    return Dictionary(try Npz.read(state).map { ($0.name, $0.tensor) }) { first, _ in first }
  }

  private var options: NormalizationOptions {
    var options = NormalizationOptions()
    if let to { options.target = to.target }
    if let form { options.form = form }
    if let count { options.welford.count = count }
    if let maxCount { options.welford.maximum = maxCount }
    if let countUnit { options.welford.unit = countUnit }
    if let initialState { options.welford.start = initialState }
    if let normalizeWith { options.welford.normalization = normalizeWith }
    options.callsFunction = asFunction
    options.momentum = momentum
    if let groups { options.grouping = .groups(groups) }
    if let channelsPerGroup { options.grouping = .channelsPerGroup(channelsPerGroup) }
    if let match { options.match = match }
    if let ops { options.operators = ops }
    return options
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
