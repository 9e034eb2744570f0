internal import ArgumentParser

/// When to colour.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never

  func isOn(automatically: Bool) -> Bool {
    switch self {
    case .auto: automatically
    case .always: true
    case .never: false
    }
  }
}

/// Emphasis that never carries meaning alone: every coloured word says the same without colour.
struct Style {
  let isColored: Bool

  func bold(_ text: String) -> String { wrap(text, "1") }
  func dim(_ text: String) -> String { wrap(text, "2") }
  func good(_ text: String) -> String { wrap(text, "32") }
  func bad(_ text: String) -> String { wrap(text, "1;31") }
  func caution(_ text: String) -> String { wrap(text, "33") }
  func hint(_ text: String) -> String { wrap(text, "36") }

  private func wrap(_ text: String, _ code: String) -> String {
    isColored && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
