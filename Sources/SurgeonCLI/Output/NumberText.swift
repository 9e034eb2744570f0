internal import SurgeonLibc

/// Numbers as people read them.
enum NumberText {
  /// 9400 as `9,400`.
  static func count(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return text
  }

  /// `1 node`, `2 nodes`.
  static func count(_ number: Int, _ noun: String, plural: String? = nil) -> String {
    "\(count(number)) \(number == 1 ? noun : plural ?? noun + "s")"
  }

  /// Three significant digits: `0.00123`, `1.2e-07`, `0`.
  static func short(_ number: Double) -> String {
    number == 0 ? "0" : format("%.3g", number)
  }

  /// Two digits of an error: `1.2e-07`.
  static func error(_ number: Double) -> String {
    number == 0 ? "0" : format("%.1e", number)
  }

  static func fixed(_ number: Double, digits: Int) -> String { format("%.\(digits)f", number) }

  /// Decibels; two identical signals have no noise.
  static func decibels(_ number: Double) -> String {
    number == .infinity ? "inf" : fixed(number, digits: 1)
  }

  /// 1536 as `1.5 KB`.
  static func bytes(_ number: Int) -> String {
    var size = Double(number)
    for unit in ["bytes", "KB", "MB", "GB"] {
      if size < 1000 || unit == "GB" {
        return unit == "bytes" ? "\(number) bytes" : "\(short(size)) \(unit)"
      }
      size /= 1000
    }
    return "\(number) bytes"
  }

  private static func format(_ format: String, _ number: Double) -> String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 400) { buffer in
      let length = buffer.withMemoryRebound(to: CChar.self) { text in
        withVaList([number]) { vsnprintf(text.baseAddress, text.count, format, $0) }
      }
      return String(decoding: buffer.prefix(Int(max(0, length))), as: UTF8.self)
    }
  }
}
