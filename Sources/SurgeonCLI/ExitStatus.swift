internal import SurgeonLibc

/// How `surgeon` ends. Scripts rely on these numbers.
public enum ExitStatus: Int32, Sendable {
  /// It worked; the models are the same.
  case success = 0
  /// The models differ, or a verification failed.
  case differs = 1
  /// An unreadable model, bad data, an impossible request.
  case failure = 2
  /// The command line makes no sense (`EX_USAGE` of sysexits.h).
  case usage = 64

  func exitProcess() -> Never { exit(rawValue) }
}
