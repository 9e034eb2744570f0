internal import ArgumentParser
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRuleFiles
internal import SurgeonRules
internal import SurgeonVerify

/// Rules beside those that a surgery chooses by itself.
struct RuleOptionGroup: ParsableArguments {
  @Option(
    name: .customLong("rules"),
    help: ArgumentHelp("A file of rules to apply first (repeatable).", valueName: "path"),
    completion: .file())
  var files: [String] = []

  @Option(
    name: .customLong("rule"),
    help: ArgumentHelp("Apply only this rule (repeatable).", valueName: "name"))
  var names: [String] = []

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Check every application of a rule by itself, in Float64; undo what fails."
        + " (default: the small ones)"))
  var certify: Bool?

  /// What certificates may cost; nil where nobody wants any.
  var certificateBudget: CertificateBudget? {
    switch certify {
    case true?: .unlimited
    case false?: nil
    case nil: .unnoticed
    }
  }

  var selection: RuleSelection { RuleSelection(files: files, names: names) }
}

/// The rules that a command line speaks of.
struct RuleSelection {
  var files: [String]
  var names: [String]

  /// Every rule that can be named: those of the tool and of the files first.
  func known(_ context: CommandContext) throws(SurgeonError) -> [RewriteRule] {
    let added = try added(context)
    let builtin = BuiltinRules.generic(evaluator: RuntimeEvaluator()) + BuiltinRules.all
    let taken = Set(added.map(\.name))
    return added + builtin.filter { !taken.contains($0.name) }
  }

  /// The rules to apply: the named ones, or else those of the tool and of the files.
  func selected(_ context: CommandContext) throws(SurgeonError) -> [RewriteRule] {
    guard !names.isEmpty else { return try added(context) }
    let known = try known(context)
    for name in names where !known.contains(where: { $0.name == name }) {
      throw SurgeonError(
        .impossible, "there is no rule '\(name)'",
        hint: "rules are " + known.map(\.name).joined(separator: ", "))
    }
    return known.filter { names.contains($0.name) }
  }

  /// The rules of the tool and of the files.
  func added(_ context: CommandContext) throws(SurgeonError) -> [RewriteRule] {
    var rules = context.rules
    for file in files {
      rules += try RuleFile.read(path: file, evaluator: RuntimeEvaluator())
    }
    var seen: Set<String> = []
    for rule in rules where !seen.insert(rule.name).inserted {
      throw SurgeonError(
        .impossible, "there are two rules '\(rule.name)'", at: [rule.location.description])
    }
    return rules
  }
}
