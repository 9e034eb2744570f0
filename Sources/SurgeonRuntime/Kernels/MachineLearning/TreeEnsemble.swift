internal import SurgeonIR

/// ai.onnx.ml TreeEnsemble (version 5): decision trees over the rows of X [N, features], their
/// leaves' weights aggregated per target.
struct TreeEnsemble {
  /// What a branch compares with its split; the numbers are the standard's.
  private enum Test: Int {
    case lessOrEqual, less, greaterOrEqual, greater, equal, notEqual, member
  }

  private struct Branch {
    let test: Test
    let feature: Int
    let split: Double
    let members: Set<Double>
    let sendsMissingToTrue: Bool
    let whenTrue: Child
    let whenFalse: Child
  }

  private enum Child {
    case branch(Int)
    case leaf(Int)
  }

  private let branches: [Branch]
  private let roots: [Child]
  private let weights: [Double]
  private let targets: [Int]
  private let targetCount: Int
  private let aggregation: Int

  @Sendable static func run(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0)
    guard x.shape.count == 2, let numbers = try x.float64Elements() else {
      throw call.failure("TreeEnsemble takes numbers [N, features], not \(x.shape)")
    }
    let ensemble = try TreeEnsemble(call, features: x.shape[1])
    var result: [Double] = []
    for row in 0..<x.shape[0] {
      let features = Array(numbers[(row * x.shape[1])..<((row + 1) * x.shape[1])])
      result += ensemble.predict(features)
    }
    result = try PostTransform.apply(
      call.node.int("post_transform", default: 0), to: result, width: ensemble.targetCount, call)
    let shape = [x.shape[0], ensemble.targetCount]
    return [.tensor(Tensor(rounding: result, to: x.elementType, shape: shape))]
  }

  private init(_ call: KernelCall, features: Int) throws(SurgeonError) {
    let node = call.node
    let ids = node.ints("nodes_featureids") ?? []
    let count = ids.count
    let splits = try node.tensor("nodes_splits")?.float64Elements() ?? []
    let modes = try node.tensor("nodes_modes")?.intElements() ?? []
    let trueIDs = node.ints("nodes_truenodeids") ?? []
    let falseIDs = node.ints("nodes_falsenodeids") ?? []
    let trueLeafs = node.ints("nodes_trueleafs") ?? []
    let falseLeafs = node.ints("nodes_falseleafs") ?? []
    let missing = node.ints("nodes_missing_value_tracks_true") ?? Array(repeating: 0, count: count)
    let weights = try node.tensor("leaf_weights")?.float64Elements() ?? []
    let targets = node.ints("leaf_targetids") ?? []
    let aggregation = node.int("aggregate_function", default: 1)
    guard targets.allSatisfy({ (0..<1 << 40).contains($0) }) else {
      throw call.failure("'leaf_targetids' names targets that no output has")
    }
    let targetCount = node.int("n_targets", default: (targets.max() ?? 0) + 1)
    let lists = [splits.count, modes.count, trueIDs.count, falseIDs.count, trueLeafs.count]
    guard (lists + [falseLeafs.count, missing.count]).allSatisfy({ $0 == count }),
      targets.count == weights.count, targetCount > 0,
      targets.allSatisfy({ (0..<targetCount).contains($0) }),
      ids.allSatisfy({ (0..<features).contains($0) }), (0...3).contains(aggregation)
    else { throw call.failure("the lists that describe the trees do not fit together") }
    let leafCount = weights.count
    func child(_ id: Int, isLeaf: Bool) throws(SurgeonError) -> Child {
      guard (0..<(isLeaf ? leafCount : count)).contains(id) else {
        throw call.failure("a tree refers to a node or leaf \(id) that does not exist")
      }
      return isLeaf ? .leaf(id) : .branch(id)
    }
    // Members of the set tests follow one another in the order of a walk down the trees.
    var members = (try node.tensor("membership_values")?.float64Elements() ?? [])[...]
    var sets: [Int: Set<Double>] = [:]
    var roots: [Child] = []
    for root in node.ints("tree_roots") ?? [] {
      guard (0..<count).contains(root) else { throw call.failure("a tree has no root \(root)") }
      let isLeaf =
        trueLeafs[root] != 0 && falseLeafs[root] != 0 && trueIDs[root] == falseIDs[root]
      roots.append(isLeaf ? try child(trueIDs[root], isLeaf: true) : .branch(root))
      var pending = isLeaf ? [] : [root]
      var seen: Set<Int> = []
      while let current = pending.popLast() {
        guard seen.insert(current).inserted else { throw call.failure("a tree contains a cycle") }
        if modes[current] == Test.member.rawValue {
          sets[current] = Set(members.prefix { !$0.isNaN })
          members = members.drop { !$0.isNaN }.dropFirst()
        }
        for (id, leaf) in [
          (falseIDs[current], falseLeafs[current]), (trueIDs[current], trueLeafs[current]),
        ] {
          if case .branch(let next) = try child(id, isLeaf: leaf != 0) { pending.append(next) }
        }
      }
    }
    var branches: [Branch] = []
    for index in 0..<count {
      guard let test = Test(rawValue: modes[index]) else {
        throw call.failure("there is no node mode \(modes[index])")
      }
      branches.append(
        Branch(
          test: test, feature: ids[index], split: splits[index], members: sets[index] ?? [],
          sendsMissingToTrue: missing[index] != 0,
          whenTrue: try child(trueIDs[index], isLeaf: trueLeafs[index] != 0),
          whenFalse: try child(falseIDs[index], isLeaf: falseLeafs[index] != 0)))
    }
    self.branches = branches
    self.roots = roots
    self.weights = weights
    self.targets = targets
    self.targetCount = targetCount
    self.aggregation = aggregation
  }

  private func predict(_ features: [Double]) -> [Double] {
    let start: Double =
      switch aggregation {
      case 2: .greatestFiniteMagnitude
      case 3: -.greatestFiniteMagnitude
      default: 0
      }
    var result = [Double](repeating: start, count: targetCount)
    for root in roots {
      var current = root
      while case .branch(let index) = current {
        let branch = branches[index]
        current = passes(branch, features[branch.feature]) ? branch.whenTrue : branch.whenFalse
      }
      guard case .leaf(let leaf) = current else { continue }
      let (target, weight) = (targets[leaf], weights[leaf])
      switch aggregation {
      case 0: result[target] += weight / Double(roots.count)
      case 2: result[target] = min(result[target], weight)
      case 3: result[target] = max(result[target], weight)
      default: result[target] += weight
      }
    }
    return result
  }

  private func passes(_ branch: Branch, _ x: Double) -> Bool {
    if x.isNaN, branch.sendsMissingToTrue { return true }
    return switch branch.test {
    case .lessOrEqual: x <= branch.split
    case .less: x < branch.split
    case .greaterOrEqual: x >= branch.split
    case .greater: x > branch.split
    case .equal: x == branch.split
    case .notEqual: x != branch.split
    case .member: branch.members.contains(x)
    }
  }
}
