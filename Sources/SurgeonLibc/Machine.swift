/// What the system says of the machine.
package enum Machine {
  /// Bytes of memory, whatever part of it this process may use.
  package static let installedMemory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))

  /// The directory for temporary files that the environment names (TMPDIR); nil where it names none.
  package static var namedTemporaryDirectory: String? {
    guard let named = getenv("TMPDIR"), named.pointee != 0 else { return nil }
    return String(cString: named)
  }
}
