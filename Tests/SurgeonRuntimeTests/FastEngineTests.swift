import SurgeonRuntime
import Testing

/// The fast engine against the reference engine, on graphs that mix arrangements.
@Suite struct FastEngineTests {
  private func distance(_ a: [Float], _ b: [Float]) -> Float {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) / (1 + abs($1)) }.max() ?? 0 : .infinity
  }

  @Test(arguments: EngineNetwork.all, [false, true])
  func `the fast engine agrees with the reference engine`(
    network: EngineNetwork, constants: Bool
  ) throws {
    let expected = try network.outputs(constants: constants) { $0.engine = .reference }
    let fast = try network.outputs(constants: constants) { $0.engine = .fast }
    #expect(distance(fast, expected) < 2e-5)
  }

  @Test(arguments: EngineNetwork.all, [false, true])
  func `fused operators agree with the reference engine`(
    network: EngineNetwork, constants: Bool
  ) throws {
    let expected = try network.outputs(constants: constants) { $0.engine = .reference }
    let fused = try network.outputs(constants: constants) { $0.optimize = true }
    #expect(distance(fused, expected) < 2e-5)
  }

  @Test(arguments: EngineNetwork.all)
  func `the number of threads changes no bit`(network: EngineNetwork) throws {
    let single = try network.outputs(constants: true) { $0.threads = 1 }
    for threads in [2, 3] {
      let several = try network.outputs(constants: true) { $0.threads = threads }
      #expect(single.map(\.bitPattern) == several.map(\.bitPattern))
    }
  }
}
