internal import ArgumentParser
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite

/// `surgeon why MODEL`.
struct WhyCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Say why rules did not apply: every reason, with place and remedy.",
    usage: "surgeon why <model> [<options>]",
    discussion: """
      Without --node, every near miss of the model, the nearest first. With --node,
      what each rule says about those nodes, however far it is from applying.

      Examples:
        surgeon why model.onnx
        surgeon why model.onnx --node layer1.0.bn1 --rule fold-into-conv
      """)

  @Argument(help: "The model.", completion: .file(extensions: ["onnx"]))
  var model: String

  @Option(
    name: .customLong("rules"),
    help: ArgumentHelp("A file of rules to ask as well (repeatable).", valueName: "path"))
  var files: [String] = []

  @Option(
    name: .customLong("rule"),
    help: ArgumentHelp("Only this rule (repeatable).", valueName: "name"))
  var rules: [String] = []

  @Option(
    name: .customLong("node"),
    help: ArgumentHelp("Only nodes whose name matches (repeatable).", valueName: "glob"))
  var nodes: [String] = []

  @Flag(help: "Take initializers that a caller may override for constants.")
  var trustDefaults = false

  @OptionGroup var output: OutputOptions

  func run(in context: CommandContext) throws(SurgeonError) -> ExitStatus {
    let model = try ModelReader.read(path: self.model)
    let selection = RuleSelection(files: files, names: rules)
    let asked = rules.isEmpty ? try selection.known(context) : try selection.selected(context)
    let rewriter = Rewriter(
      asked, options: RewriteOptions(policy: RewritePolicy(trustsDefaults: trustDefaults)))
    let own = try selection.added(context).map(\.name)
    let insisting = Set(rules.isEmpty ? own : rules)
    let traces = try rewriter.explain(
      model, nodes: try selectedNodes(of: model), insistingOn: insisting)
    if output.json {
      context.console.printJSON(WhyDocument(model: self.model, traces), command: "why")
    } else {
      let silent = asked.filter { rule in
        insisting.contains(rule.name) && !traces.contains { $0.rule == rule.name }
      }
      WhyText(traces: traces, silent: silent).print(to: context.console)
    }
    return .success
  }

  private func selectedNodes(of model: Model) throws(SurgeonError) -> [Node.ID]? {
    guard !nodes.isEmpty else { return nil }
    let selection = NameSelection(only: nodes)
    let found = model.allNodes.filter { selection.contains($0, in: model) }
    guard !found.isEmpty else {
      throw SurgeonError(
        .impossible, "no node is called '\(nodes.joined(separator: "' or '"))'",
        at: [self.model],
        hint: "a node without a name goes by the name of its first output; * stands for any text")
    }
    return found
  }
}
