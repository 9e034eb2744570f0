internal import SurgeonCLI
internal import SurgeonData
internal import SurgeonFormat
internal import SurgeonIR
internal import Testing

struct RewriteCommandTests {
  private let folder = Folder()

  private static let normalized = """
    g (float[2, 2, 4] x) => (float[2, 2, 4] y)
    <float[2] gamma = {2, 0.5}, float[2] beta = {1, -1}, float[2] mean = {0.5, -3},
     float[2] var = {4, 0.25}>
    { n = BatchNormalization(x, gamma, beta, mean, var) y = Relu(n) }
    """

  @Test func `a rewrite prints a row per node, the verdict, and where it wrote`() throws {
    let path = try folder.write(Self.normalized, as: "m.onnx")
    let run = CommandRun("rewrite", path)
    #expect(run.status == .success)
    let lines = run.output.split(separator: "\n")
    #expect(lines[0] == "\(path): 1 of 1 BatchNormalization rewritten")
    #expect(lines[1] == "  node  channels  rank  what became of it")
    #expect(lines[2] == "  n            2     3  frozen-affine")
    #expect(lines[3].hasPrefix("equal within tolerance: ") || lines[3].hasPrefix("identical: "))
    #expect(lines.last == "wrote \(folder.path)/m.rewritten.onnx")
    let written = try ModelReader.read(path: "\(folder.path)/m.rewritten.onnx")
    #expect(written.allNodes.map { written[$0].opType } == ["Mul", "Add", "Relu"])
  }

  @Test func `running statistics say what is fed back, and how far they reach`() throws {
    let path = try folder.write(Self.normalized, as: "m.onnx")
    let state =
      "state: 2 inputs with a default, each with an output NAME.next that the caller feeds back "
      + "(surgeon run --repeat-state); the statistics are those of the last "
    let welford = CommandRun("rewrite", path, "--to", "welford", "--max-count", "64")
    #expect(welford.output.contains(state + "64 samples or so\n"))
    let running = CommandRun("rewrite", path, "--to", "running")
    #expect(running.output.contains(state + "10 samples or so\n"))
  }

  @Test func `state is of the model or an error, and what it lacks or does not decide is told`()
    throws
  {
    let path = try folder.write(Self.normalized, as: "m.onnx")
    let (stream, back) = (folder.path + "/stream.onnx", folder.path + "/back.onnx")
    #expect(CommandRun("rewrite", path, "--to", "welford", "-o", stream).status == .success)
    func run(_ model: String, _ target: String, _ name: String, _ numbers: [Float]) throws
      -> CommandRun
    {
      let file = folder.path + "/state.npz"
      try Npz.write([(name, Tensor(numbers))], to: file)
      return CommandRun("rewrite", model, "--to", target, "--state", file, "-o", back)
    }
    let lacking = try run(stream, "batchnorm", "n.mean", [1, 2])
    #expect(lacking.status == .success)
    #expect(
      lacking.errors
        == "warning: 1 state not in the file of --state (first: 'n.m2'): what the model holds counts\n"
    )
    let idle = try run(stream, "welford", "n.mean", [1, 2])
    #expect(idle.errors.hasSuffix("had no say: no running statistics were turned back (--state)\n"))
    #expect(idle.output.contains("running statistics? 2 state inputs; --to batchnorm or frozen"))
    let long = try run(stream, "batchnorm", "n.mean", [1, 2, 3])
    #expect(long.status == .failure)
    #expect(long.errors.hasPrefix("error: state 'n.mean' has shape [2]\n"))
    let stateless = try run(path, "batchnorm", "n.mean", [1, 2])
    #expect(stateless.status == .failure)
    #expect(stateless.errors.contains("final state is for a model that --to welford"))
  }

  @Test func `patterns that are like no name are warned of, those of a plan too`() throws {
    let path = try folder.write(Self.normalized, as: "m.onnx")
    let plan = try folder.write(
      text: """
        version = 1
        [[nodes]]
        match = ["stem*", "neck*", "n"]
        except = "head*"
        """, as: "plan.toml")
    let run = CommandRun("rewrite", path, "--plan", plan, "--except", "nn*")
    #expect(
      run.errors == """
        warning: no BatchNormalization has a name like 'nn*' (--except)
        warning: no BatchNormalization has a name like 'stem*' nor like 2 other patterns (--plan)

        """)
    #expect(CommandRun("rewrite", path, "--except", "m*", "--only", "n").errors.contains("'m*'"))
  }

  @Test(arguments: [
    (["--groups", "3"], "--groups had no say in what --to frozen (the default) makes; "),
    (["--to", "welford", "--form", "split"], "--form had no say in what --to welford makes; "),
    (["--to", "layernorm", "--groups", "2"], "--groups had no say in what --to layernorm makes; "),
    (["--to", "groupnorm", "--momentum", "0.9"], "--momentum had no say in what --to groupnorm "),
    (["--count", "capped"], "--count had no say in what --to frozen (the default) makes; "),
    (
      ["--rule", "stop-dropout", "--to", "welford", "--max-count", "3"],
      "--to, --max-count had no say: --rule applies the named rules and nothing else\n"
    ),
  ])
  func `an option that nothing looked at is warned of`(options: [String], message: String) throws {
    let path = try folder.write(Self.normalized, as: "m.onnx")
    let run = CommandRun(["rewrite", path] + options)
    #expect(run.status == .success)
    #expect(run.errors.hasPrefix("warning: " + message))
  }

  @Test func `damage says what it was predicted from`() throws {
    let path = try folder.write(Self.normalized, as: "m.onnx")
    let noise = CommandRun("rewrite", path, "--to", "layernorm")
    #expect(noise.output.contains("original network runs on 2 samples of noise"))
    let blind = CommandRun("rewrite", path, "--to", "layernorm", "--no-verify", "--json")
    #expect(blind.output.contains(#""damage_source" : "statistics""#))
    let seen = CommandRun("rewrite", path, "--to", "layernorm", "--json")
    #expect(seen.output.contains(#""damage_samples" : 2"#))
  }

  @Test func `in Float64 nothing is left of the difference`() throws {
    let path = try folder.write(Self.normalized, as: "m.onnx")
    let run = CommandRun("rewrite", path, "--precision", "double", "--form", "split", "--json")
    #expect(run.status == .success)
    #expect(run.errors == "")
    #expect(run.output.contains(#""verdict" : "identical""#))
    #expect(run.output.contains(#""max_relative_error" : 0,"#))
  }

  @Test func `a model without BatchNormalization is no error, and writes nothing unasked`() throws {
    let path = try folder.write("g (float[4] x) => (float[4] y) { y = Exp(x) }", as: "m.onnx")
    let run = CommandRun("rewrite", path)
    #expect(run.status == .success)
    #expect(run.output.hasPrefix("\(path): no BatchNormalization, nothing to rewrite\n"))
    #expect(run.output.hasSuffix("nothing written\n"))
    #expect(folder.names == ["m.onnx"])
    let asked = CommandRun("rewrite", path, "-o", "\(folder.path)/o.onnx")
    #expect(asked.status == .success)
    #expect(folder.names == ["m.onnx", "o.onnx"])
  }

  private static let dropping =
    normalized
    .replacing("y = Relu(n)", with: "y = Dropout(n, half, on)")
    .replacing("<float[2] gamma", with: "<float half = {0.5}, bool on = {1}, float[2] gamma")

  @Test func `a Dropout that still drops is warned of, with the remedy`() throws {
    let path = try folder.write(Self.dropping, as: "m.onnx")
    let run = CommandRun("rewrite", path)
    #expect(
      run.errors.contains(
        "1 Dropout in training mode (first: 'y'): the model drops at random in every run; "
          + "--rule stop-dropout puts it into inference mode"))
    let remedied = CommandRun(
      "rewrite", "\(folder.path)/m.rewritten.onnx", "--rule", "stop-dropout")
    #expect(remedied.status == .success)
    #expect(!remedied.errors.contains("Dropout"))
  }

  @Test func `on the way to inference mode a Dropout is stopped, and nothing warns`() throws {
    let path = try folder.write(Self.dropping, as: "m.onnx")
    let run = CommandRun("rewrite", path, "--to", "batchnorm", "--only", "y")
    #expect(run.status == .success)
    #expect(run.errors == "")
    #expect(
      run.output.contains(
        "1 Dropout in inference mode now (first: 'y'): the function changes, nothing is dropped at "
          + "random any more\n"))
    let written = try ModelReader.read(path: "\(folder.path)/m.rewritten.onnx")
    let dropout = try #require(written.allNodes.first { written[$0].opType == "Dropout" })
    #expect(written[dropout].inputs.count == 2)
    let document = CommandRun("rewrite", path, "--to", "batchnorm", "--json")
    #expect(document.output.contains("\"stopped_dropouts\" : [\n    \"y\"\n  ]"))
  }

  @Test func `a Dropout is stopped where there is no normalisation either`() throws {
    let path = try folder.write(
      """
      g (float[4] x) => (float[4] y) <float half = {0.5}, bool on = {1}>
      { y = Dropout(x, half, on) }
      """, as: "m.onnx")
    let run = CommandRun("rewrite", path, "--to", "batchnorm")
    #expect(run.status == .success)
    #expect(run.output.hasPrefix("1 Dropout in inference mode now"))
    #expect(run.output.hasSuffix("wrote \(folder.path)/m.rewritten.onnx\n"))
  }

  @Test func `training mode is left alone, with the reason`() throws {
    let path = try folder.write(
      """
      g (float[2, 2, 4] x) => (float[2, 2, 4] y)
      <float[2] gamma = {2, 0.5}, float[2] beta = {1, -1}, float[2] mean = {0.5, -3},
       float[2] var = {4, 0.25}>
      { y, a, b = BatchNormalization(x, gamma, beta, mean, var) }
      """, as: "m.onnx")
    let run = CommandRun("rewrite", path, "--form", "fold")
    #expect(run.status == .success)
    #expect(run.output.contains("0 of 1 BatchNormalization rewritten"))
    #expect(run.output.contains("training mode"))
    #expect(run.output.hasSuffix("nothing written: nothing changed\n"))
    #expect(folder.names == ["m.onnx"])
  }

  @Test func `a model that cannot run is not written, and the remedy is named`() throws {
    let path = try folder.write(
      """
      g (float[2, 2, 4] x) => (float[2, 2, 4] y)
      <float[2] gamma = {2, 0.5}, float[2] beta = {1, -1}, float[2] mean = {0.5, -3},
       float[2] var = {4, 0.25}>
      { n = BatchNormalization(x, gamma, beta, mean, var) y = Frobnicate(n) }
      """, as: "m.onnx")
    let run = CommandRun("rewrite", path)
    #expect(run.status == .failure)
    #expect(run.errors.contains("Frobnicate"))
    #expect(run.errors.contains("--no-verify writes without running the models"))
    #expect(folder.names == ["m.onnx"])
    #expect(CommandRun("rewrite", path, "--no-verify").status == .success)
  }
}
