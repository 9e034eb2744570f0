internal import SurgeonIR
internal import SurgeonLibc

/// The transforms that ai.onnx.ml applies to scores, row by row.
enum PostTransform {
  /// - Parameter code: 0 none, 1 softmax, 2 logistic, 3 softmax of what is not zero; 4 (probit) is
  ///   refused.
  static func apply(
    _ code: Int, to scores: [Double], width: Int, _ call: KernelCall
  ) throws(SurgeonError) -> [Double] {
    switch code {
    case 0: return scores
    case 1, 3:
      return stride(from: 0, to: scores.count, by: width).flatMap { start in
        softmax(scores[start..<(start + width)], keepsZeros: code == 3)
      }
    case 2: return scores.map { 1 / (1 + exp(-$0)) }
    default:
      throw SurgeonError(
        .unsupportedOperator, "\(call.node.opType) has no kernel for post_transform \(code)")
    }
  }

  private static func softmax(_ row: ArraySlice<Double>, keepsZeros: Bool) -> [Double] {
    let largest = row.max() ?? 0
    let terms = row.map { keepsZeros && $0 == 0 ? 0 : exp($0 - largest) }
    let sum = terms.reduce(0, +)
    return sum > 0 ? terms.map { $0 / sum } : terms
  }
}
