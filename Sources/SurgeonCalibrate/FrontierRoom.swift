internal import SurgeonLibc

/// What room there is for the values between two stages, in bytes.
package struct FrontierRoom {
  /// In memory, where they go first; the rest goes to the file.
  let memory: Int
  /// In memory where that has room for all of them: then there is no file.
  let whole: Int
  /// In the file.
  let file: Double
  /// What of them nobody waits for the disk for: those in memory, and what the system's cache holds of the
  /// file.
  let quick: Double

  /// Of what is free on a disk, what activations may have: others write there, too.
  private static let shareOfFree = 0.75
  /// Of the machine's memory, what may wait to be written: from there on Linux makes whoever writes wait.
  private static let shareForWriting = 0.2
  /// Of the machine's memory one part in so many is for all activations where the caller does not say.
  private static let partsOfMemory = 6.0
  private static let mostForActivations = 4 << 30
  /// Bytes that a file takes as quickly as memory does.
  private static let quickFile = Double(768 << 20)
  /// How often what is kept may be replaced by other values before memory is quicker than any file: each byte
  /// of a file is copied there and back, one of memory is brought by the system once.
  private static let quickReplacements = 7.5

  var all: Double { max(Double(whole), memoryAndFile) }
  private var memoryAndFile: Double { Double(memory) + file }

  /// - Parameter usableMemory: as `Machine.usableMemory`.
  package init(_ options: Calibrator.Options, usableMemory: Double = Machine.usableMemory) {
    memory = options.memoryForPart
    whole =
      options.memoryLimit ?? min(Int(usableMemory / Self.partsOfMemory), Self.mostForActivations)
    // Where nobody knows what is free, writing will show it.
    let free = Self.freeBytes(in: options.workspace).map { $0 * Self.shareOfFree } ?? .infinity
    file = options.workspaceLimit.map(Double.init) ?? free
    quick = max(
      Double(whole), Double(memory) + min(file, usableMemory * Self.shareForWriting))
  }

  /// What memory the values may take where they are so many bytes at most; 0 where nobody knows.
  ///
  /// Enough for all where the file has no room. Otherwise no more for a large data set than for a larger one, and
  /// for others what is quickest. A file of some hundred megabytes costs less than memory that a process has not
  /// touched before: its pages come many at a time, and nobody clears them. A larger one costs more with each
  /// byte, since the file system's books of its pages no longer are in the processor's caches, and one that
  /// group after group is written anew costs each time.
  ///
  /// - Parameters:
  ///   - written: bytes that all groups together keep.
  ///   - data: bytes of the samples.
  ///   - available: bytes of memory that nobody uses; nil where the system does not say. Asked for where that
  ///     matters.
  package func memory(
    forKeeping bytes: Double, written: Double, of data: Double,
    available: @autoclosure () -> Double? = Machine.availableMemory
  ) -> Int {
    guard bytes <= Double(whole) else { return memory }
    let isQuicker =
      (bytes > Self.quickFile || written > Self.quickReplacements * bytes)
      && data <= Double(whole) && bytes <= available().map { $0 / 2 } ?? .infinity
    return isQuicker || bytes > memoryAndFile ? whole : memory
  }

  /// The part of so many bytes that has to wait for the disk.
  func shareOnDisk(of bytes: Double) -> Double {
    bytes > quick ? 1 - quick / bytes : 0
  }

  private static func freeBytes(in directory: String) -> Double? {
    var status = statvfs()
    guard statvfs(directory, &status) == 0 else { return nil }
    return Double(status.f_bavail) * Double(status.f_frsize)
  }
}

extension Calibrator.Options {
  /// Bytes of activations in memory where that has not room for all.
  var memoryForPart: Int { memoryLimit ?? 128 << 20 }
}
