internal import SurgeonIR

/// DeformConv in two dimensions: a convolution that reads X between its elements, each tap moved by
/// an offset of its own and weighted by a mask (Dai et al. 2017, Zhu et al. 2018).
enum DeformConv: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let w = try call.tensor(1).view(as: T.self)
    let offset = try call.tensor(2).view(as: T.self)
    let bias = try call.optionalTensor(3)?.view(as: T.self)
    let mask = try call.optionalTensor(4)?.view(as: T.self)
    let node = call.node
    let (groups, offsetGroups) = (
      node.int("group", default: 1), node.int("offset_group", default: 1)
    )
    let strides = node.ints("strides") ?? [1, 1]
    let dilations = node.ints("dilations") ?? [1, 1]
    let pads = node.ints("pads") ?? [0, 0, 0, 0]
    guard x.shape.count == 4, w.shape.count == 4, offset.shape.count == 4, strides.count == 2,
      dilations.count == 2, pads.count == 4,
      (strides + dilations + pads).allSatisfy({ $0.magnitude < 1 << 31 }),
      Sizes.splits(x.shape[1], into: groups), x.shape[1] / groups == w.shape[1],
      w.shape[0] % groups == 0, Sizes.splits(x.shape[1], into: offsetGroups)
    else {
      throw call.failure("DeformConv has kernels for [N, C, H, W] with matching groups only")
    }
    let (batch, channels, height, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let (filters, perGroup, kh, kw) = (w.shape[0], w.shape[1], w.shape[2], w.shape[3])
    let (rows, columns) = (offset.shape[2], offset.shape[3])
    let taps = kh * kw
    guard offset.shape[0] == batch, offset.shape[1] == offsetGroups * taps * 2,
      mask.map({ $0.shape == [batch, offsetGroups * taps, rows, columns] }) ?? true,
      bias.map({ $0.count == filters }) ?? true
    else { throw call.failure("the offsets \(offset.shape) do not fit \(offsetGroups) groups") }
    let y = try call.output([batch, filters, rows, columns], of: T.self)
    let places = rows * columns
    var sampled = [T](repeating: 0, count: channels * taps)
    for n in 0..<batch {
      for i in 0..<rows {
        for j in 0..<columns {
          let place = i * columns + j
          for c in 0..<channels {
            let plane = x.base + (n * channels + c) * height * width
            let group = c / (channels / offsetGroups)
            for tap in 0..<taps {
              let first = (n * offsetGroups + group) * taps + tap
              let (a, b) = (tap / kw, tap % kw)
              let v =
                T(i * strides[0] - pads[0] + a * dilations[0]) + offset[2 * first * places + place]
              let u =
                T(j * strides[1] - pads[1] + b * dilations[1])
                + offset[(2 * first + 1) * places + place]
              let weight = mask?[first * places + place] ?? 1
              sampled[c * taps + tap] = weight * bilinear(plane, v, u, height, width)
            }
          }
          for f in 0..<filters {
            let start = f / (filters / groups) * perGroup
            var sum = bias?[f] ?? 0
            for c in 0..<perGroup {
              for tap in 0..<taps {
                sum += w[(f * perGroup + c) * taps + tap] * sampled[(start + c) * taps + tap]
              }
            }
            y[(n * filters + f) * places + place] = sum
          }
        }
      }
    }
    return [y.datum]
  }

  /// Zero outside the plane.
  private static func bilinear<T: Real>(
    _ plane: UnsafePointer<T>, _ v: T, _ u: T, _ height: Int, _ width: Int
  ) -> T {
    guard v > -1, u > -1, v < T(height), u < T(width) else { return 0 }
    let (top, left) = (v.rounded(.down), u.rounded(.down))
    let (dy, dx) = (v - top, u - left)
    var sum: T = 0
    for (row, a) in [(Int(top), 1 - dy), (Int(top) + 1, dy)] where (0..<height).contains(row) {
      for (column, b) in [(Int(left), 1 - dx), (Int(left) + 1, dx)]
      where (0..<width).contains(column) {
        sum += a * b * plane[row * width + column]
      }
    }
    return sum
  }
}
