internal import SurgeonLibc

/// Where a command prints: results on one stream, everything else on another.
public final class Console {
  private var output: ByteStream
  private var error: ByteStream
  /// Colours for the result's stream.
  private(set) var style: Style
  /// Colours for errors, hints and warnings.
  private(set) var errorStyle: Style
  /// True where progress may be drawn: a terminal that can move its cursor.
  let showsProgress: Bool

  private init(output: ByteStream, error: ByteStream, terminal: Terminal) {
    self.output = output
    self.error = error
    self.terminal = terminal
    style = Style(isColored: terminal.colorsOutput)
    errorStyle = Style(isColored: terminal.colorsError)
    showsProgress = terminal.isErrorTerminal
  }

  private let terminal: Terminal

  /// The process's own streams. A reader that closes the pipe early ends nothing: the rest of the
  /// output is dropped and the work (such as writing a model) goes on. A file that grows past the
  /// user's limit is an error of the write, not the end of the process.
  public static func process() -> Console {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    return Console(
      output: ByteStream(descriptor: STDOUT_FILENO), error: ByteStream(descriptor: STDERR_FILENO),
      terminal: .ofProcess())
  }

  /// Keeps everything in memory, for tests and for tools that embed the commands.
  public static func captured() -> Console {
    Console(
      output: ByteStream(descriptor: nil), error: ByteStream(descriptor: nil), terminal: .none)
  }

  /// What has been printed, where the console is a captured one.
  public var outputText: String { output.text }
  public var errorText: String { error.text }

  func setColor(_ choice: ColorChoice) {
    style = Style(isColored: choice.isOn(automatically: terminal.colorsOutput))
    errorStyle = Style(isColored: choice.isOn(automatically: terminal.colorsError))
  }

  /// A line of the result.
  func print(_ line: String = "", terminator: String = "\n") { output.write(line + terminator) }

  /// A line beside the result.
  func printError(_ line: String) {
    // What was printed first appears first, also where both streams are one terminal.
    output.flush()
    error.write(line + "\n")
    error.flush()
  }

  /// Text without a line's end, for progress.
  func drawError(_ text: String) {
    error.write(text)
    error.flush()
  }

  func flush() {
    output.flush()
    error.flush()
  }

  /// Why the result could not be written, where that was not a closed pipe.
  var writeFailure: String? { output.failure }
}
