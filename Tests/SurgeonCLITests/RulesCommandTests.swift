internal import SurgeonCLI
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonLibc
internal import Testing

struct RulesCommandTests {
  private let folder = Folder()

  private static let model = """
    g (float[2, 3] x) => (float[2, 3] y)
    <float[3] k = {1, 2, 3}> { a = Add (x, k) b = Mul (a, a) y = Relu (b) }
    """

  /// A rule that keeps its promise, and one that does not.
  private static let rules = """
    rule square "x * x is x to the power of 2" {
      match { y = Mul (x, x) }
      replace { two = Constant <value_float = 2.0> () y = Pow (x, two) }
      fidelity rounding
    }
    rule double "x + k is 2x, which is wrong" {
      match { y = Add (x, k) }
      where { constant k }
      replace { two = Constant <value_float = 2.0> () y = Mul (x, two) }
      fidelity rounding
    }
    """

  private func write(_ text: String, as name: String) -> String {
    let path = "\(folder.path)/\(name)"
    let file = fopen(path, "w")
    fputs(text, file)
    fclose(file)
    return path
  }

  @Test func `a rule file is applied, and a broken promise is undone and named`() throws {
    let model = try folder.write(Self.model, as: "m.onnx")
    let rules = write(Self.rules, as: "my.rules")
    let run = CommandRun(
      "rewrite", model, "--rules", rules, "--certify", "--keep", "-o", "\(folder.path)/o.onnx")
    #expect(run.status == .differs)
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines[0] == "\(model): 1 application of 2 rules")
    #expect(lines[2].hasPrefix("  square"))
    #expect(lines.contains("certified: 1 of 1 application"))
    #expect(lines.contains { $0.hasPrefix("undone: double at 'a': it promises rounding") })
    let written = try ModelReader.read(path: "\(folder.path)/o.onnx")
    #expect(written.allNodes.map { written[$0].opType } == ["Add", "Pow", "Relu"])
  }

  @Test func `one built-in rule can be asked for by name`() throws {
    let model = try folder.write(
      "g (float[4] x) => (float[4] y) { a = Identity (x) y = Exp (a) }", as: "m.onnx")
    let run = CommandRun("rewrite", model, "--rule", "remove-identity")
    #expect(run.status == .success)
    let written = try ModelReader.read(path: "\(folder.path)/m.rewritten.onnx")
    #expect(written.allNodes.map { written[$0].opType } == ["Exp"])
    let unknown = CommandRun("rewrite", model, "--rule", "remove-everything")
    #expect(unknown.status == .failure)
    #expect(unknown.errors.hasPrefix("error: there is no rule 'remove-everything'\n"))
  }

  @Test func `small applications are certified unasked, and --no-certify does without`() throws {
    let model = try folder.write(Self.model, as: "m.onnx")
    let rules = write(Self.rules, as: "my.rules")
    let output = "\(folder.path)/o.onnx"
    let run = CommandRun("rewrite", model, "--rules", rules, "-o", output)
    #expect(run.status == .differs)
    #expect(run.output.contains("undone: double at 'a': it promises rounding"))
    let blind = CommandRun("rewrite", model, "--rules", rules, "--no-certify", "-o", output)
    #expect(blind.status == .differs)
    #expect(!blind.output.contains("undone"))
    #expect(blind.output.contains("nothing written: a promise is broken"))
  }

  @Test func `near misses are part of the JSON document where they are asked for`() throws {
    let model = try folder.write(
      "g (float[2] x) => (float[2] y, float[2] a) { a = Identity (x) y = Exp (a) }", as: "m.onnx")
    let run = CommandRun("rewrite", model, "--explain", "--json")
    #expect(run.output.contains(#""near_misses""#))
    #expect(run.output.contains(#""rule" : "remove-identity""#))
    #expect(!CommandRun("rewrite", model, "--json").output.contains("near_misses"))
  }

  @Test func `a mistake in a rule file is shown with its place, and nothing is written`() throws {
    let model = try folder.write(Self.model, as: "m.onnx")
    let parts = Self.rules.split(separator: "Pow (x", maxSplits: 1)
    let rules = write("\(parts[0])Pow (z\(parts[1])", as: "my.rules")
    let run = CommandRun("rewrite", model, "--rules", rules)
    #expect(run.status == .failure)
    #expect(run.errors.contains("error: nothing defines 'z'\n  at \(rules) > line 3, column 60"))
    #expect(folder.names == ["m.onnx", "my.rules"])
  }
}
