internal import SurgeonLibc

/// The memory of this process.
enum ProcessMemory {
  /// The largest resident set so far, in bytes; 0 where the system does not tell.
  static var peak: Int {
    var usage = rusage()
    #if canImport(Glibc)
      // An enumeration there, a number elsewhere.
      let status = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      let status = getrusage(RUSAGE_SELF, &usage)
    #endif
    #if canImport(Darwin)
      let unit = 1
    #else
      let unit = 1024
    #endif
    return status == 0 ? Int(usage.ru_maxrss) * unit : 0
  }
}
