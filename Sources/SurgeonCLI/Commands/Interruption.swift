internal import SurgeonLibc
internal import Synchronization

/// The wish of the user, or of a batch system whose time is up, that work should end.
///
/// The first SIGINT or SIGTERM asks; a second one ends the process at once.
enum Interruption {
  private static let isAsked = Atomic<Bool>(false)

  /// True once a signal has come.
  static var isPending: Bool { isAsked.load(ordering: .relaxed) }

  /// From here on the signals ask, where before they ended the process.
  static func listen() {
    for number in [SIGINT, SIGTERM] {
      _ = signal(number) { number in
        Interruption.isAsked.store(true, ordering: .relaxed)
        _ = signal(number, SIG_DFL)
      }
    }
  }

  /// From here on they end the process again.
  static func stopListening() {
    for number in [SIGINT, SIGTERM] { _ = signal(number, SIG_DFL) }
  }
}
