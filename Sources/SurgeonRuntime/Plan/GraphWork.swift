internal import SurgeonIR

/// The plan of one graph while it is built.
struct GraphWork {
  private(set) var slots: [Value.ID: Int] = [:]
  private(set) var values: [Value.ID] = []
  /// The constants of this graph and of those around it.
  private(set) var constants: [Value.ID: RuntimeValue]
  var steps: [GraphPlan.Step] = []
  private(set) var awaited: [Node.ID: AwaitedNormalization.Slots] = [:]
  /// The slots of inputs that steps may write over after their last use.
  var consumable: Set<Int> = []

  init(builder: PlanBuilder) { constants = builder.constants }

  mutating func declare(_ value: Value.ID) -> Int {
    slots[value] = values.count
    values.append(value)
    return values.count - 1
  }

  /// Slots for what a run is given for `normalization`, which nothing in the graph computes.
  ///
  /// - Parameter output: the normalised value, which the slots are named after.
  mutating func declareAwaited(
    _ normalization: Node.ID, _ output: Value.ID
  ) -> AwaitedNormalization.Slots {
    let slots = AwaitedNormalization.Slots(factors: values.count, summands: values.count + 1)
    values += [output, output]
    awaited[normalization] = slots
    return slots
  }

  mutating func declareConstant(_ value: Value.ID, _ constant: RuntimeValue) {
    _ = declare(value)
    constants[value] = constant
  }

  /// Frees each value after the last step that reads it (or the one that computes it in vain).
  mutating func markReleases(keeping kept: Set<Int>) {
    var seen = kept
    var releases: [[Int]] = Array(repeating: [], count: steps.count)
    for index in steps.indices.reversed() {
      let step = steps[index]
      let touched =
        step.inputs.compactMap(\.self) + step.captured + step.outputs.compactMap(\.self)
      for slot in touched where seen.insert(slot).inserted {
        releases[index].append(slot)
      }
    }
    mark(releases)
  }

  /// Bodies and functions may hand on what they are given, so that two slots hold one value.
  private mutating func mark(_ releases: [[Int]]) {
    var owned = consumable
    var consumed: Set<Int> = []
    var readers: [Int: Int] = [:]
    var consumes: [[Bool]] = []
    for (index, step) in steps.enumerated() {
      let isOpaque = step.isOpaque
      consumes.append(
        step.inputs.map { slot in
          guard !isOpaque, let slot, owned.contains(slot) else { return false }
          return releases[index].contains(slot) && step.inputs.count { $0 == slot } == 1
        })
      for (slot, isConsumed) in Swift.zip(step.inputs, consumes[index]) {
        if let slot, isConsumed { consumed.insert(slot) }
      }
      for slot in Set(step.inputs.compactMap(\.self) + step.captured) {
        readers[slot, default: 0] += 1
      }
      if !isOpaque { owned.formUnion(step.outputs.compactMap(\.self)) }
    }
    for (index, step) in steps.enumerated() {
      let written = step.outputs.compactMap(\.self)
      let isLent =
        !step.isOpaque && written.count == 1
        && written.allSatisfy { consumed.contains($0) && readers[$0] == 1 }
      steps[index] = GraphPlan.Step(
        step, releases: releases[index], consumes: consumes[index],
        lentOutput: isLent ? written[0] : nil)
    }
  }

  /// The constants that a step or an output reads.
  func neededConstants(_ outputs: [Int]) -> [(slot: Int, value: RuntimeValue)] {
    var needed = Set(outputs)
    for step in steps { needed.formUnion(step.inputs.compactMap(\.self)) }
    return values.indices.compactMap { slot in
      guard needed.contains(slot), let value = constants[values[slot]] else { return nil }
      return (slot, value)
    }
  }
}

extension GraphPlan.Step {
  /// The slots that the node's bodies read.
  fileprivate var captured: [Int] {
    node.bodies.values.flatMap { $0.captures.map(\.outerSlot) }
  }

  /// True for bodies and functions, which may hand on what they are given.
  fileprivate var isOpaque: Bool { !node.bodies.isEmpty || kernel is FunctionKernel }
}
