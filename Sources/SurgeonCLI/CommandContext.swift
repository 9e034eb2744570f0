public import SurgeonRewrite

/// What a command works with besides its arguments.
public struct CommandContext {
  public let console: Console
  /// Rules beside the built-in ones, for tools with rules of their own.
  public let rules: [RewriteRule]

  public init(console: Console, rules: [RewriteRule] = []) {
    self.console = console
    self.rules = rules
  }

  /// Writes what is still in the console's buffers.
  ///
  /// - Returns: `status`, or failure where the output could not be written: a full disk must not
  ///   look like success. A closed pipe is no failure.
  func finish(_ status: ExitStatus) -> ExitStatus {
    console.flush()
    guard let reason = console.writeFailure else { return status }
    console.printError("error: cannot write the output: \(reason)")
    console.flush()
    return .failure
  }
}
