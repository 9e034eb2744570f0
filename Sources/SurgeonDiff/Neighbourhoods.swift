internal import SurgeonIR

/// Hashes of nodes with what lies up to a number of steps away, against and along the data; no names.
///
/// Behind an edit no upstream hash agrees any more, and before it no downstream hash. Between two
/// edits these still do, up to the edits.
struct Neighbourhoods {
  /// From the widest, which is the surest.
  static let radii = [8, 4, 2, 1]

  /// By radius, then by the node's raw number.
  private var hashes: [Int: [UInt64]] = [:]

  init(_ model: Model, _ structure: StructuralHash) {
    var current = structure.local
    for radius in 1...(Self.radii.max() ?? 1) {
      current = Self.widened(current, model, structure)
      if Self.radii.contains(radius) { hashes[radius] = current }
    }
  }

  subscript(radius: Int, node: Node.ID) -> UInt64 { hashes[radius]?[Int(node.raw)] ?? 0 }

  private static func widened(
    _ hashes: [UInt64], _ model: Model, _ structure: StructuralHash
  ) -> [UInt64] {
    var result = hashes
    for id in model.allNodes {
      let node = model[id]
      var hash = StableHash()
      hash.combine(hashes[Int(id.raw)])
      for input in node.inputs {
        guard let input else {
          hash.combine(1)
          continue
        }
        if let producer = model[input].producer {
          hash.combine(hashes[Int(producer.node.raw)])
          hash.combine(producer.output)
        } else {
          hash.combine(structure.hash(of: input))
        }
      }
      hash.combine(readersOf: id, in: model, hashes)
      result[Int(id.raw)] = hash.value
    }
    return result
  }
}
