/// What the system says of the machine.
package enum Machine {
  /// Bytes of memory, whatever part of it this process may use.
  package static let installedMemory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))

  /// Bytes of memory that this process may use, its part of the system's cache included.
  package static let usableMemory = min(Double(installedMemory), containerLimit ?? .infinity)

  /// Bytes of memory that are free, or that the system can take from its caches; nil where it does not say.
  package static var availableMemory: Double? {
    let line = lines(of: "/proc/meminfo").first { $0.first == "MemAvailable:" }
    return line.flatMap { $0.count > 1 ? Double($0[1]) : nil }.map { $0 * 1024 }
  }

  /// The limit of a container; nil where there is none.
  private static var containerLimit: Double? {
    // Without a limit there is a word in its place.
    lines(of: "/sys/fs/cgroup/memory.max").first?.first.flatMap { Double($0) }
  }

  /// The words of the lines of a short file that the system makes; none where there is no such file.
  private static func lines(of path: String) -> [[Substring]] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var lines: [[Substring]] = []
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
      lines.append(text.split { $0 == " " || $0 == "\n" })
    }
    return lines
  }

  /// The directory for temporary files that the environment names (TMPDIR); nil where it names none.
  package static var namedTemporaryDirectory: String? {
    guard let named = getenv("TMPDIR"), named.pointee != 0 else { return nil }
    return String(cString: named)
  }
}
