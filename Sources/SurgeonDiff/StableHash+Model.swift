internal import SurgeonIR

extension StableHash {
  /// Takes in who reads the outputs of a node, and at which place.
  ///
  /// - Parameter hashes: those of the readers, by the node's raw number.
  mutating func combine(readersOf node: Node.ID, in model: Model, _ hashes: [UInt64]) {
    for case let output? in model[node].outputs {
      let readers = model[output].uses.map { use in
        var reader = StableHash()
        switch use {
        case .node(let node, let slot):
          reader.combine(hashes[Int(node.raw)])
          reader.combine(slot)
        case .graphOutput(_, let index):
          reader.combine("output")
          reader.combine(index)
        }
        return reader.value
      }
      combine(Self.unordered(readers))
    }
  }

  /// Takes in a constant: its element type, its shape, and of its bytes what the caller adds. Strings
  /// are taken in whole.
  mutating func combine(
    _ tensor: Tensor, bytes add: (TensorBytes, inout StableHash) -> Void
  ) throws(SurgeonError) {
    combine(Int(tensor.elementType.rawValue))
    for size in tensor.shape { combine(size) }
    if case .strings(let texts) = tensor.storage {
      for text in texts { text.withUnsafeBytes { combine($0) } }
    } else {
      add(try tensor.bytes(), &self)
    }
  }
}
