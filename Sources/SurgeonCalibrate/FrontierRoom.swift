internal import SurgeonLibc

/// What room there is for the values between two stages, in bytes.
struct FrontierRoom {
  /// In memory, where they go first.
  var memory: Double
  /// In the file.
  var file: Double
  /// What of them nobody waits for the disk for: those in memory, and what the system's cache holds of the
  /// file.
  var quick: Double

  /// Of what is free on a disk, what activations may have: others write there, too.
  private static let shareOfFree = 0.75
  /// Of the machine's memory, what may wait to be written: from there on Linux makes whoever writes wait.
  private static let shareForWriting = 0.2

  var all: Double { memory + file }

  init(_ options: Calibrator.Options) {
    memory = Double(options.memoryLimit)
    // Where nobody knows what is free, writing will show it.
    let free = Self.freeBytes(in: options.workspace).map { $0 * Self.shareOfFree } ?? .infinity
    file = options.workspaceLimit.map(Double.init) ?? free
    quick = memory + min(file, Self.machineMemory * Self.shareForWriting)
  }

  /// The part of so many bytes that has to wait for the disk.
  func shareOnDisk(of bytes: Double) -> Double {
    bytes > quick ? 1 - quick / bytes : 0
  }

  /// The memory that the process may use, its part of the system's cache included.
  static let machineMemory = min(Double(Machine.installedMemory), containerLimit ?? .infinity)

  /// The limit of a container; nil where there is none.
  private static var containerLimit: Double? {
    guard let file = fopen("/sys/fs/cgroup/memory.max", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 32)
    guard fgets(&line, Int32(line.count), file) != nil else { return nil }
    // Without a limit there is a word in its place.
    return Double(String(decoding: line.prefix { $0 > 32 }.map(UInt8.init), as: UTF8.self))
  }

  private static func freeBytes(in directory: String) -> Double? {
    var status = statvfs()
    guard statvfs(directory, &status) == 0 else { return nil }
    return Double(status.f_bavail) * Double(status.f_frsize)
  }
}
