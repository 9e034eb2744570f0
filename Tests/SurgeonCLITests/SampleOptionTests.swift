internal import SurgeonCLI
internal import SurgeonData
internal import SurgeonIR
internal import Testing

/// What the commands that run a model say of dimensions and arrays that it does not have.
struct SampleOptionTests {
  private let folder = Folder()
  private let model: String

  init() throws {
    model = try folder.write(
      """
      g (float[N, 2, L] x, float[1] offset) => (float[N, 2, L] y)
      <float[2] one = {1, 1}, float[2] zero = {0, 0}, float[1] offset = {0}>
      {
        n = BatchNormalization (x, one, zero, zero, one)
        y = Add (n, offset)
      }
      """, as: "m.onnx")
  }

  /// Each with the model, and where to put data.
  private func commands(_ data: String) -> [[String]] {
    [
      ["run", model, "--inputs", data], ["verify", model, model, "--inputs", data],
      ["diff", model, model, "--run", "--inputs", data], ["inspect", model, "--data", data],
      ["rewrite", model, "-o", folder.path + "/r.onnx", "--inputs", data],
      ["calibrate", model, "-o", folder.path + "/c.onnx", "--data", data],
    ]
  }

  private func warnings(_ run: CommandRun) -> [Substring] {
    run.errors.split(separator: "\n").filter { $0.contains("--dim") }
  }

  @Test func `a dimension that the model does not have is warned of`() throws {
    let data = folder.path + "/x.npz"
    try Npz.write([("x", Tensor([1, 2, 3, 4] as [Float], shape: [1, 2, 2]))], to: data)
    for command in commands(data) {
      let run = CommandRun(command + ["--dim", "L=2", "--dim", "M=2"])
      #expect(run.status == .success, "\(command)")
      let hasTwo = ["verify", "diff"].contains(command[0])
      let subject = hasTwo ? "neither model has a" : "the model has no"
      #expect(
        warnings(run) == ["warning: \(subject) dimension 'M' (--dim; there are: 'N', 'L')"])
      #expect(warnings(CommandRun(command + ["--dim", "L=2"])) == [], "\(command)")
    }
  }

  @Test func `a dimension of the second model will do`() throws {
    let second = try folder.write(
      "g (float[K] x) => (float[K] y) { y = Exp(x) }", as: "second.onnx")
    let first = try folder.write("g (float[M] x) => (float[M] y) { y = Exp(x) }", as: "first.onnx")
    let run = CommandRun("verify", first, second, "--dim", "K=3", "--dim", "M=3")
    #expect(run.status == .success, "\(run.errors)")
    #expect(warnings(run) == [])
  }

  @Test func `where no dimension has a name that is said`() throws {
    let fixed = try folder.write("g (float[4] x) => (float[4] y) { y = Exp(x) }", as: "f.onnx")
    #expect(
      warnings(CommandRun("run", fixed, "--dim", "N=1", "--dim", "M=1")) == [
        "warning: the model has no dimensions 'N', 'M' (--dim; no dimension has a name)"
      ])
  }

  @Test func `options for images are warned of where the data are arrays`() throws {
    let data = folder.path + "/x.npz"
    try Npz.write([("x", Tensor([1, 2, 3, 4] as [Float], shape: [1, 2, 2]))], to: data)
    let warning = "warning: the data are no images, so --mean, --size had no say"
    for command in commands(data) {
      let run = CommandRun(command + ["--size", "2x2", "--mean", "0.5"])
      #expect(run.status == .success, "\(command)")
      #expect(run.errors.split(separator: "\n").filter { $0.contains("--mean") } == [warning[...]])
      #expect(!CommandRun(command).errors.contains("images"))
    }
  }

  @Test func `state that is to be repeated and is not there is told`() {
    let run = CommandRun("run", model, "--dim", "L=2", "--repeat-state")
    #expect(run.status == .success)
    #expect(
      run.errors
        == "warning: no output NAME.next of the model belongs to an input NAME: there is no state to "
        + "repeat\n")
  }

  @Test func `data that nothing runs on are told`() throws {
    let run = CommandRun(
      "rewrite", model, "-o", folder.path + "/r.onnx", "--no-verify", "--inputs", "nowhere.npz")
    #expect(run.status == .success)
    #expect(run.errors == "warning: nowhere.npz had no say: nothing ran the model (--no-verify)\n")
    let diff = CommandRun("diff", model, model, "--inputs", "nowhere.npz")
    #expect(diff.status == .success)
    #expect(diff.errors == "warning: nowhere.npz had no say: nothing ran the models (--run)\n")
  }

  @Test func `arrays that no input takes are noted once`() throws {
    let data = folder.path + "/x.npz"
    let x = Tensor([1, 2, 3, 4] as [Float], shape: [1, 2, 2])
    try Npz.write([("x", x), ("labels", Tensor([1 as Int64]))], to: data)
    let fit = [
      "rewrite", model, "-o", folder.path + "/g.onnx", "--to", "groupnorm", "--match", "data",
      "--inputs", data,
    ]
    for command in commands(data) + [fit, fit + ["--no-verify"]] {
      let run = CommandRun(command)
      #expect(run.status == .success, "\(command)")
      #expect(
        run.errors.split(separator: "\n").filter { $0.hasPrefix("note:") } == [
          "note: no input takes the array 'labels' (inputs: 'x', 'offset')"
        ], "\(command)")
    }
    try Npz.write([("x", x), ("offset", Tensor([1 as Float]))], to: data)
    for command in commands(data) + [fit + ["--no-verify"]] {
      #expect(!CommandRun(command).errors.contains("note:"))
    }
  }
}
