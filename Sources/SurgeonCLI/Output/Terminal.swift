internal import SurgeonLibc

/// What the process's streams are connected to.
struct Terminal {
  var colorsOutput: Bool
  var colorsError: Bool
  var isErrorTerminal: Bool

  static let none = Terminal(colorsOutput: false, colorsError: false, isErrorTerminal: false)

  static func ofProcess() -> Terminal {
    let isDumb = variable("TERM") == "dumb"
    // no-color.org: set and not empty.
    let refusesColor = variable("NO_COLOR").map { !$0.isEmpty } ?? false
    let isErrorTerminal = isatty(STDERR_FILENO) == 1
    return Terminal(
      colorsOutput: isatty(STDOUT_FILENO) == 1 && !isDumb && !refusesColor,
      colorsError: isErrorTerminal && !isDumb && !refusesColor,
      isErrorTerminal: isErrorTerminal && !isDumb)
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
