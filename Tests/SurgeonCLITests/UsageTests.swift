internal import ArgumentParser
internal import SurgeonCLI
internal import Testing

struct UsageTests {
  @Test func `the version is a number and nothing else`() {
    let run = CommandRun("--version")
    #expect(run.status == .success)
    #expect(run.output == "0.1.0\n")
    #expect(run.errors == "")
  }

  @Test func `wrong usage is 64, with nothing on standard output`() {
    for arguments in [["frobnicate"], ["run"], ["-z"], ["run", "x.onnx", "--precision", "half"]] {
      let console = Console.captured()
      let status = SurgeonCommand.run(arguments, in: CommandContext(console: console))
      #expect(status == .usage)
      #expect(console.outputText == "")
      #expect(console.errorText.hasPrefix("Error: "))
    }
  }

  @Test(arguments: [
    ["--to", "frozen"], ["--form", "affine"], ["--match", "data"], ["--as-function"],
  ])
  func `beside a plan nothing else decides`(_ option: [String]) {
    let run = CommandRun(["rewrite", "x.onnx", "--plan", "plan.toml"] + option)
    #expect(run.status == .usage)
    #expect(
      run.errors.hasPrefix("Error: \(option[0]) has no say beside --plan, which decides what each"))
  }

  @Test func `wrong usage is a document where one was asked for`() {
    let run = CommandRun("run", "--json")
    #expect(run.status == .usage)
    #expect(
      run.output == """
        {
          "command" : "error",
          "error" : {
            "code" : "usage",
            "location" : [

            ],
            "message" : "Missing expected argument '<model>'"
          },
          "version" : 1
        }

        """)
  }

  @Test func `a missing file is 2, with the form of an error`() {
    let run = CommandRun("inspect", "nowhere.onnx")
    #expect(run.status == .failure)
    #expect(run.output == "")
    #expect(run.errors == "error: cannot open 'nowhere.onnx': No such file or directory\n")
  }

  @Test func `where nothing can be written no work is done`() throws {
    let folder = Folder()
    let model = try folder.write("g (float[4] x) => (float[4] y) { y = Exp(x) }", as: "m.onnx")
    let nowhere = folder.path + "/nowhere/o"
    for command in [
      ["run", model, "--inputs", "none.npy"], ["rewrite", model, "--plan", "none.toml"],
      ["calibrate", model, "--data", "none.npy"],
    ] {
      let run = CommandRun(command + ["-o", nowhere])
      #expect(run.status == .failure)
      #expect(run.errors == "error: cannot write '\(nowhere)': No such file or directory\n")
    }
  }

  @Test func `errors are coloured where that is asked for`() {
    let run = CommandRun("inspect", "nowhere.onnx", "--color", "always")
    #expect(run.errors.hasPrefix("\u{1B}[1;31merror:\u{1B}[0m cannot open"))
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completions are printed for every shell`(shell: String) {
    let run = CommandRun("--generate-completion-script", shell)
    #expect(run.status == .success)
    #expect(run.output.contains("surgeon"))
  }

  @Test func `each command shows an example in its help`() {
    for command in SurgeonCommand.configuration.subcommands {
      let name = command.configuration.commandName ?? ""
      let run = CommandRun(name, "--help")
      #expect(run.status == .success)
      #expect(run.output.contains("Example"), "\(name)")
      #expect(run.output.contains("  surgeon \(name) "), "\(name)")
    }
  }
}
