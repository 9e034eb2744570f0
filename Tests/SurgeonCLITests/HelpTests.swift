internal import ArgumentParser
internal import SurgeonCLI
internal import SurgeonLibc
internal import Testing

/// Help is part of the product: it is compared with the files of Help/, letter by letter.
///
/// SURGEON_RECORD_HELP=1 in the environment writes the files instead. Look at the difference.
struct HelpTests {
  static let commands = SurgeonCommand.configuration.subcommands.map {
    $0.configuration.commandName ?? ""
  }

  private static let directory = {
    let file = #filePath
    return file.prefix(upTo: file.lastIndex(of: "/") ?? file.endIndex) + "/Help"
  }()

  @Test(arguments: ["surgeon"] + commands)
  func `help is what the file says`(command: String) throws {
    let run = command == "surgeon" ? CommandRun("help") : CommandRun("help", command)
    #expect(run.status == .success)
    let path = "\(Self.directory)/\(command).txt"
    if getenv("SURGEON_RECORD_HELP") != nil {
      let file = try #require(fopen(path, "wb"))
      fputs(run.output, file)
      fclose(file)
    }
    #expect(run.output == Folder.text(at: path))
  }

  @Test(arguments: ["surgeon"] + commands)
  func `help fits a hundred columns`(command: String) {
    let run = command == "surgeon" ? CommandRun("help") : CommandRun("help", command)
    #expect(run.output.split(separator: "\n").filter { $0.count > 100 } == [])
  }

  @Test(arguments: commands)
  func `every example is a command line that is understood`(command: String) throws {
    let lines = CommandRun("help", command).output.split(separator: "\n")
    // A line that ends in a backslash goes on in the next one.
    let text = lines.map { $0.hasSuffix("\\") ? $0.dropLast() + "" : $0 + "\n" }.joined()
    let examples = text.split(separator: "\n")
      .map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("surgeon ") }
    #expect(!examples.isEmpty)
    for example in examples {
      let line = example.split(separator: ">")[0]
      let words = line.split(separator: " ").dropFirst().map { word in
        String(word.filter { $0 != "'" })
      }
      // No file of an example is there; wrong usage would be found before that.
      #expect(throws: Never.self, "\(example)") { try SurgeonCommand.parseAsRoot(words) }
    }
  }
}
