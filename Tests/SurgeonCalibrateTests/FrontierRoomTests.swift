internal import SurgeonCalibrate
internal import Testing

/// How much memory the values between two groups may take, on a machine of 24 GB.
struct FrontierRoomTests {
  private func memory(
    limit: Int? = nil, workspaceLimit: Int? = nil, available: Double = 20e9,
    forKeeping bytes: Double, replaced replacements: Double = 5, of data: Double = 500e6
  ) -> Int {
    var options = Calibrator.Options()
    options.memoryLimit = limit
    options.workspaceLimit = workspaceLimit
    return FrontierRoom(options, usableMemory: 24e9)
      .memory(
        forKeeping: bytes, written: replacements * bytes, of: data, available: available)
  }

  @Test(arguments: [
    (0, 134_217_728), (800e6, 134_217_728), (900e6, 4_000_000_000), (3.9e9, 4_000_000_000),
  ])
  func `what would make a large file and has room in a sixth of the memory is kept there`(
    bytes: Double, room: Int
  ) {
    #expect(memory(forKeeping: bytes) == room)
  }

  /// A file is copied to and from each time.
  @Test func `what is replaced often is kept there, too`() {
    #expect(memory(forKeeping: 300e6, replaced: 7) == 134_217_728)
    #expect(memory(forKeeping: 300e6, replaced: 8) == 4_000_000_000)
    #expect(memory(forKeeping: 4.1e9, replaced: 20) == 134_217_728)
    #expect(memory(forKeeping: 300e6, replaced: 20, of: 20e9) == 134_217_728)
    #expect(memory(limit: 64_000_000, forKeeping: 300e6, replaced: 20) == 64_000_000)
  }

  @Test func `of what has no room there 128 MiB are, whatever the size of the data`() {
    #expect(memory(forKeeping: 4.1e9) == 134_217_728)
    #expect(memory(forKeeping: 1e15) == 134_217_728)
    #expect(memory(forKeeping: 0) == 134_217_728)
    #expect(memory(forKeeping: 1e9, of: 20e9) == 134_217_728)
  }

  @Test func `memory that others use is not taken`() {
    #expect(memory(available: 1.9e9, forKeeping: 1e9) == 134_217_728)
  }

  @Test func `what the disk has no room for is kept in memory where that has it`() {
    #expect(
      memory(workspaceLimit: 0, available: 0, forKeeping: 200e6, of: 20e9) == 4_000_000_000)
    #expect(memory(workspaceLimit: 100_000_000, forKeeping: 200e6) == 134_217_728)
  }

  @Test(arguments: [0, 900e6, 1e12])
  func `a limit that was given is kept to`(bytes: Double) {
    #expect(memory(limit: 64_000_000, forKeeping: bytes) == 64_000_000)
    #expect(memory(limit: .max, forKeeping: bytes) == .max)
  }
}
