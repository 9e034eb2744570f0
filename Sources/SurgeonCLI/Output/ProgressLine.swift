/// One line on a terminal that says how far a long piece of work is, and how long it will take.
///
/// Nothing is drawn before a quarter of a second, nor where stderr is no terminal.
struct ProgressLine {
  private static let delay = Duration.milliseconds(250)
  private static let interval = Duration.milliseconds(100)

  private let console: Console
  private let title: String
  private let start = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?

  init(_ title: String, on console: Console) {
    self.title = title
    self.console = console
  }

  /// - Parameter fraction: how much is done, from 0 to 1.
  mutating func update(_ fraction: Double) {
    guard console.showsProgress else { return }
    let now = ContinuousClock.now
    guard now - start > Self.delay, lastDrawn.map({ now - $0 > Self.interval }) ?? true else {
      return
    }
    lastDrawn = now
    var line = "\(title) \(Int(fraction * 100)) %"
    if fraction > 0.02 {
      let remaining = (now - start) / fraction * (1 - fraction)
      line += ", \(Self.text(remaining)) left"
    }
    console.drawError("\r\u{1B}[K\(line)")
  }

  /// Takes the line away.
  func finish() {
    if lastDrawn != nil { console.drawError("\r\u{1B}[K") }
  }

  private static func text(_ duration: Duration) -> String {
    let seconds = Int(duration.components.seconds)
    return seconds < 60 ? "\(seconds + 1) s" : "\(seconds / 60) min \(seconds % 60) s"
  }
}
