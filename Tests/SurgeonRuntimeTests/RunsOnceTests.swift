import SurgeonIR
import SurgeonRuntime
import Testing

/// A session that runs once rearranges weights node by node and does not keep them.
@Suite struct RunsOnceTests {
  /// The bits of all outputs of three runs; the second one keeps the weights, the third has them.
  private func runs(
    _ network: EngineNetwork, pool: BufferPool = BufferPool(),
    _ change: (inout SessionOptions) -> Void
  ) throws -> [[UInt32]] {
    var options = SessionOptions()
    change(&options)
    let session = try Session(
      try network.model(constants: true), options: options, pool: pool)
    let given = [network.inputs[0].name: Datum.tensor(network.tensor(for: 0))]
    return try (0..<3).map { _ in
      var bits: [UInt32] = []
      for output in try session.run(given) {
        let numbers = try #require(try output.value.tensor?.elements(as: Float.self))
        bits += numbers.map(\.bitPattern)
      }
      return bits
    }
  }

  @Test(arguments: EngineNetwork.all, [false, true])
  func `weights that are not kept give the bits of kept ones, in later runs too`(
    network: EngineNetwork, optimized: Bool
  ) throws {
    for threads in [1, 3] {
      let kept = try runs(network) {
        $0.threads = threads
        $0.optimize = optimized
      }
      let passing = try runs(network) {
        $0.threads = threads
        $0.optimize = optimized
        $0.runsOnce = true
      }
      #expect(passing == kept)
    }
  }

  @Test(arguments: EngineNetwork.all)
  func `two sessions that use their memory in turns compute what each does alone`(
    network: EngineNetwork
  ) throws {
    let alone = try runs(network) { $0.runsOnce = true }
    let pool = BufferPool()
    for _ in 0..<2 { #expect(try runs(network, pool: pool) { $0.runsOnce = true } == alone) }
  }
}
