import CKernels
import Testing

@Suite struct ChainTests {
  /// A step with what it is combined with.
  enum Step: Hashable, CustomStringConvertible {
    /// With a row that every row is combined with.
    case row(ck_op)
    /// With as many elements as there are.
    case whole(ck_op)
    /// With one number.
    case number(ck_op)
    case alone(ck_op, alpha: Float = 0, beta: Float = 0)

    var description: String {
      switch self {
      case .row(let op): "row \(op.rawValue)"
      case .whole(let op): "whole \(op.rawValue)"
      case .number(let op): "number \(op.rawValue)"
      case .alone(let op, _, _): "\(op.rawValue)"
      }
    }
  }

  private static let affine: [Step] = [.row(CK_MULTIPLY), .row(CK_ADD)]
  private static let relu = Step.alone(CK_RELU)
  private static let relu6 = Step.alone(CK_CLIP, alpha: 0, beta: 6)
  private static let chains: [[Step]] = [
    affine, affine + [relu], affine + [relu6], affine + [.alone(CK_RELU, alpha: 0.1)],
    affine + [.whole(CK_ADD)], affine + [.whole(CK_ADD), relu],
    affine + [.whole(CK_ADD), relu6], [.whole(CK_ADD), relu], [.whole(CK_ADD), relu6],
    affine + [.alone(CK_SIGMOID)], [relu] + affine + [relu], affine + affine + affine + [relu],
    [.whole(CK_SUBTRACT), .whole(CK_ADD), relu] + affine, [.row(CK_ADD), .row(CK_MULTIPLY), relu],
    [.number(CK_MULTIPLY), .number(CK_ADD), relu], [.row(CK_MULTIPLY), .number(CK_ADD), relu],
    [.row(CK_MULTIPLY), .whole(CK_ADD), relu], [.row(CK_ADD), relu], [relu, relu6],
  ]
  /// Blocks of several rows, of one, of a part of one; what is left of them; vectors that are not full.
  private static let sizes = [
    (1, 1), (1, 5000), (7, 3), (3000, 24), (5, 2048), (3, 2049), (2, 5000), (401, 100),
  ]

  /// Numbers that rounding, bounds and signs matter for.
  private func numbers(_ count: Int, seed: Int) -> [Float] {
    let special: [Float] = [-0.0, .nan, .infinity, -.infinity, 6, 0x1p-140]
    return (0..<count).map { index in
      let mixed = (index &+ seed &* 7919) &* 2_654_435_761 >> 7 & 0xffff
      if mixed % 97 < special.count { return special[mixed % 97] }
      return Float(mixed) / 4099 - 8
    }
  }

  private func run(
    _ steps: [Step], rows: Int, columns: Int, isInPlace: Bool, stepByStep: Bool
  ) -> [UInt32] {
    var x = numbers(rows * columns, seed: 0)
    let operands = steps.indices.map { index -> [Float] in
      switch steps[index] {
      case .row: numbers(columns, seed: index + 1)
      case .whole: numbers(rows * columns, seed: index + 1)
      case .number: [0.75]
      case .alone: []
      }
    }
    var y = [Float](repeating: 0, count: x.count)
    let bases = operands.map { numbers in
      let copy = UnsafeMutablePointer<Float>.allocate(capacity: max(1, numbers.count))
      copy.initialize(from: numbers, count: numbers.count)
      return copy
    }
    defer { for base in bases { base.deallocate() } }
    let program = steps.indices.map { index -> ck_step in
      var step = ck_step(
        op: 0, column_stride: 0, alpha: 0, beta: 0, operand: nil, row_stride: 0)
      switch steps[index] {
      case .row(let op): (step.op, step.column_stride) = (Int32(op.rawValue), 1)
      case .whole(let op):
        (step.op, step.column_stride, step.row_stride) = (Int32(op.rawValue), 1, Int64(columns))
      case .number(let op): step.op = Int32(op.rawValue)
      case .alone(let op, let alpha, let beta):
        (step.op, step.alpha, step.beta) = (Int32(op.rawValue), alpha, beta)
      }
      if !operands[index].isEmpty { step.operand = UnsafePointer(bases[index]) }
      return step
    }
    x.withUnsafeMutableBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        guard let from = x.baseAddress, let to = isInPlace ? from : y.baseAddress else { return }
        func chain(_ program: [ck_step], _ source: UnsafePointer<Float>) {
          ck_chain(
            program, Int32(program.count), Int64(rows), Int64(columns), source, Int64(columns), to,
            Int64(columns))
        }
        if stepByStep {
          for (index, step) in program.enumerated() { chain([step], index == 0 ? from : to) }
        } else {
          chain(program, from)
        }
      }
    }
    return (isInPlace ? x : y).map(\.bitPattern)
  }

  @Test(arguments: chains)
  func `a chain gives the bits of its steps one after the other`(steps: [Step]) {
    for (rows, columns) in Self.sizes {
      for isInPlace in [false, true] {
        let found = run(
          steps, rows: rows, columns: columns, isInPlace: isInPlace, stepByStep: false)
        let wanted = run(
          steps, rows: rows, columns: columns, isInPlace: isInPlace, stepByStep: true)
        #expect(found == wanted, "\(rows) x \(columns), in place: \(isInPlace)")
      }
    }
  }
}
