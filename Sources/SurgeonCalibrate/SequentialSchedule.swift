internal import SurgeonIR
internal import SurgeonRuntime

/// What sequential mode does group by group: which nodes run, and what is kept of each sample for
/// the groups after.
///
/// A value that a later group needs, or one on the way to it, is kept where that is cheaper than
/// computing it again from what is kept anyhow. The wide values inside the blocks of a mobile
/// network, say, take longer to write to memory and to read back than their 1 x 1 convolution takes.
///
/// Where what is kept has to wait for the disk, or has no room there, the price of keeping rises, step by
/// step, and of these plans the quickest is taken that has the room.
struct SequentialSchedule {
  let stages: [CalibrationStage]
  /// The bytes of all samples that are kept at a time, at most; 0 where nobody knows what anything costs.
  let bytesKept: Double
  /// The bytes of all samples that all stages together keep.
  let bytesWritten: Double

  /// - Parameters:
  ///   - costs: of one sample; nil keeps every value at the cuts, so that each node runs once.
  ///   - measuresCoMoments: true where the engine computes in Float32, of which co-moments are measured.
  ///   - room: for what is kept of all samples.
  ///   - threads: that share what is computed; waiting for a disk is not shared.
  /// - Throws: what reading the weights of a convolution throws; `impossible` where the room is too small
  ///   though as much is computed again as can be.
  init(
    _ network: StagedNetwork, costs: StageCosts?, measuresCoMoments: Bool, room: FrontierRoom,
    threads: Int
  ) throws(SurgeonError) {
    func plan(price: Double) throws(SurgeonError) -> Plan {
      var costs = costs
      costs?.price = price
      return try Plan(network, costs, measuresCoMoments, room, threads)
    }
    var price = 1.0
    var last = try plan(price: price)
    var best = last
    while last.bytesKept > room.quick, price < Self.highestPrice {
      price *= 2
      last = try plan(price: price)
      if last.isBetter(than: best, in: room) { best = last }
    }
    guard best.bytesKept <= room.all else { throw Self.noRoom(for: best.bytesKept, room) }
    var stages = best.stages
    for index in stages.indices {
      let next = stages[(index + 1)...].first { $0.hasWork }?.part.inputs ?? []
      stages[index].laterOutputs = Set(stages[index].part.outputs).subtracting(next)
    }
    self.stages = stages
    bytesKept = best.bytesKept
    bytesWritten = best.bytesWritten
  }

  /// At which nothing is kept that can be computed again: a byte costs more than an operator.
  private static let highestPrice = Double(1 << 30)

  private static func noRoom(for bytes: Double, _ room: FrontierRoom) -> SurgeonError {
    func text(_ bytes: Double) -> String { "\(Int(min(bytes, 1e18) / 1e6)) MB" }
    return SurgeonError(
      .impossible, "the activations between two groups have no room",
      detail:
        "they take \(text(bytes)) of all samples; there is room for \(text(room.all)) in memory and in "
        + "the workspace",
      hint: "name a directory on a disk with room (--workspace DIR), measure parts of the data "
        + "(--shard), or all in one pass (--mode joint)")
  }
}

/// The stages at one price of keeping, and what they cost.
private struct Plan {
  let stages: [CalibrationStage]
  /// The bytes of all samples that are kept at a time, at most; 0 where nobody knows what anything costs.
  let bytesKept: Double
  /// The bytes of all samples that all stages together keep.
  let bytesWritten: Double
  /// What the stages take for a sample.
  private let nanoseconds: Double

  init(
    _ network: StagedNetwork, _ costs: StageCosts?, _ measuresCoMoments: Bool, _ room: FrontierRoom,
    _ threads: Int
  ) throws(SurgeonError) {
    var planner = try StagePlanner(
      plan: network.plan, model: network.model, costs: costs, measuresCoMoments: measuresCoMoments)
    stages = (0..<network.plan.groupCount).map { planner.stage(measuring: $0) }
    guard let costs else {
      (bytesKept, bytesWritten, nanoseconds) = (0, 0, 0)
      return
    }
    bytesKept = planner.mostKept * Double(costs.sampleCount)
    let inputs = stages.flatMap(\.part.inputs)
    let data = inputs.filter { network.model[$0].isGraphInput }
    func bytes(_ values: [Value.ID]) -> Double {
      values.reduce(0) { $0 + Double(costs.byteCount(of: $1) ?? 0) }
    }
    let (written, read) = (bytes(stages.flatMap(\.part.outputs)), bytes(inputs) - bytes(data))
    bytesWritten = written * Double(costs.sampleCount)
    let running = stages.flatMap(\.part.nodes).reduce(0) { $0 + (costs.running($1) ?? 0) }
    let reading = data.reduce(0) { $0 + (costs.reading($1) ?? 0) }
    let shared =
      running + reading + written * StageCosts.keptByte + read * StageCosts.readByte
    let waiting = room.shareOnDisk(of: bytesKept) * StageCosts.diskByte
    nanoseconds = shared / Double(threads) + (written + read) * waiting
  }

  func isBetter(than other: Plan, in room: FrontierRoom) -> Bool {
    if other.bytesKept > room.all { return bytesKept < other.bytesKept }
    return bytesKept <= room.all && nanoseconds < other.nanoseconds
  }
}
