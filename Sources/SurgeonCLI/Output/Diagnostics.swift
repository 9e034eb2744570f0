internal import SurgeonIR

/// Errors and warnings in the form that docs/guide.md describes.
enum Diagnostics {
  static func print(_ error: SurgeonError, asJSON: Bool, to console: Console) {
    if asJSON {
      console.printJSON(ErrorDocument(error: .init(error)), command: "error")
    }
    let style = console.errorStyle
    for line in error.description.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("error:") {
        console.printError(style.bad("error:") + line.dropFirst("error:".count))
      } else if line.hasPrefix("hint:") {
        console.printError(style.hint("hint:") + line.dropFirst("hint:".count))
      } else {
        console.printError(String(line))
      }
    }
  }

  static func printUsageError(_ message: String, to console: Console) {
    console.printJSON(
      ErrorDocument(error: .init(code: "usage", message: message)), command: "error")
  }

  static func warn(_ message: String, to console: Console) {
    console.printError(console.errorStyle.caution("warning:") + " " + message)
  }

  /// What need not be a mistake.
  static func note(_ message: String, to console: Console) {
    console.printError(console.errorStyle.hint("note:") + " " + message)
  }

  /// The remedy of what was warned of.
  static func hint(_ message: String, to console: Console) {
    console.printError(console.errorStyle.hint("hint:") + " " + message)
  }
}

/// What `--json` prints where a command failed.
struct ErrorDocument: Encodable {
  struct Body: Encodable {
    var code: String
    var message: String
    var location: [String] = []
    var detail: String?
    var hint: String?
  }

  var error: Body
}

extension ErrorDocument.Body {
  init(_ error: SurgeonError) {
    self.init(
      code: error.code.rawValue, message: error.message, location: error.location,
      detail: error.detail, hint: error.hint)
  }
}

extension SurgeonError {
  /// The error as a warning: without its first word, on one line.
  var warning: String {
    var text = message
    if !location.isEmpty { text += " at " + location.joined(separator: " > ") }
    if let detail { text += ": " + detail }
    return text
  }
}
