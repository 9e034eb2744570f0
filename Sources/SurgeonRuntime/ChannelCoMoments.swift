internal import CKernels
public import SurgeonIR
internal import SurgeonThreads

/// Count and mean of each channel of a value X [N, C, D1..Dk], and the sums of products of the
/// deviations of any two channels of a group: what the statistics of every linear combination of the
/// channels follow from. Float64.
///
/// A 1 x 1 convolution behind X need not run to be measured: each of its channels is y = w'x + b, with
/// mean w' mean(x) + b and M2(y) = w' P w.
public struct ChannelCoMoments: Sendable {
  /// Elements per channel.
  public private(set) var count: Double
  public private(set) var mean: [Double]
  /// For each group a matrix as `ck_comoments` leaves it.
  private var products: [Double]
  private let groups: Int

  /// Channels of a group.
  private var width: Int { mean.count / groups }
  private static func stride(_ width: Int) -> Int { Int(ck_comoment_stride(Int64(width))) }

  /// Measures `value` in whatever layout its engine has it.
  ///
  /// - Parameters:
  ///   - groups: channels of different groups are not multiplied.
  ///   - threads: as in `SessionOptions`; the result does not depend on it.
  /// - Throws: `invalidData` where the value holds no Float32 numbers, or none at all, and where its
  ///   channels cannot be cut into groups; what reading its elements throws.
  public init(of value: RuntimeValue, groups: Int, threads: Int = 0) throws(SurgeonError) {
    guard let x = try value.strided() else {
      throw SurgeonError(.invalidData, "co-moments of anything but Float32 numbers are not defined")
    }
    let shape = x.shape
    guard shape.count >= 2, groups > 0, shape[1] % groups == 0, x.count > 0 else {
      throw SurgeonError(
        .invalidData, "there is nothing to measure", detail: "shape \(shape), \(groups) groups")
    }
    let (channels, rows) = (shape[1], x.count / shape[1])
    let rowsLast = try x.arranged(.channelsLast)
    let width = channels / groups
    let parts = Parts(rows: rows, width: width)
    let results = parts.measure(rowsLast.base, channels: channels, groups: groups, threads: threads)
    let shift = (0..<channels).map { Double(rowsLast.base[$0]) }
    withExtendedLifetime(rowsLast) {}
    count = Double(rows)
    self.groups = groups
    mean = shift
    products = results.products
    // From the shift to the mean: P - s s' / n.
    let stride = Self.stride(width)
    for group in 0..<groups {
      let sums = results.sums[group * stride..<(group + 1) * stride]
      for channel in 0..<width {
        mean[group * width + channel] += sums[sums.startIndex + channel] / count
      }
      Self.addOuterProduct(of: Array(sums), times: -1 / count, to: &products, group)
    }
  }

  /// Adds `factor` v v' to what is computed of a group's matrix.
  private static func addOuterProduct(
    of v: [Double], times factor: Double, to products: inout [Double], _ group: Int
  ) {
    let stride = v.count
    for row in 0..<stride {
      let start = (group * stride + row) * stride
      let scaled = factor * v[row]
      let first = row / Int(CK_COMOMENT_BLOCK) * Int(CK_COMOMENT_BLOCK)
      for column in first..<stride { products[start + column] += scaled * v[column] }
    }
  }

  /// Takes in what was measured of more samples, by the formula of Chan, Golub and LeVeque (1979) for
  /// two channels: P' = P + P_b + d d' n n_b / N, with d = m_b - m.
  ///
  /// - Precondition: the same channels in the same groups.
  public mutating func merge(_ other: ChannelCoMoments) {
    precondition(mean.count == other.mean.count && groups == other.groups)
    let total = count + other.count
    let stride = Self.stride(width)
    for index in products.indices { products[index] += other.products[index] }
    for group in 0..<groups {
      var difference = Array(repeating: 0.0, count: stride)
      for channel in 0..<width {
        let index = group * width + channel
        difference[channel] = other.mean[index] - mean[index]
        mean[index] += difference[channel] * (other.count / total)
      }
      Self.addOuterProduct(
        of: difference, times: count * (other.count / total), to: &products, group)
    }
    count = total
  }

  /// False where an element was NaN or infinite.
  public var isFinite: Bool { mean.allSatisfy(\.isFinite) && products.allSatisfy(\.isFinite) }

  /// The moments of the channels themselves.
  public var moments: ChannelMoments {
    let stride = Self.stride(width)
    let m2 = mean.indices.map { channel in
      let (group, index) = (channel / width, channel % width)
      return max(0, products[(group * stride + index) * stride + index])
    }
    return ChannelMoments(count: count, mean: mean, m2: m2)
  }

  /// The moments of the channels of a 1 x 1 convolution.
  ///
  /// - Parameters:
  ///   - weights: for each of its channels one for each channel of its group, in order.
  ///   - bias: one for each of its channels, or nothing.
  ///   - threads: as in `SessionOptions`; the result does not depend on it.
  /// - Precondition: as many channels as the groups share out.
  public func moments(weights: [Double], bias: [Double]?, threads: Int = 0) -> ChannelMoments {
    let outputs = weights.count / width
    precondition(weights.count == outputs * width && outputs % groups == 0)
    precondition(bias.map { $0.count == outputs } ?? true)
    let (perGroup, stride) = (outputs / groups, Self.stride(width))
    var result = ChannelMoments(
      count: count, mean: bias ?? Array(repeating: 0, count: outputs),
      m2: Array(repeating: 0, count: outputs))
    // So many share what a cache holds of the products.
    let together = 32
    let blocks = (perGroup + together - 1) / together
    result.mean.withUnsafeMutableBufferPointer { means in
      result.m2.withUnsafeMutableBufferPointer { m2 in
        guard let means = means.baseAddress, let m2 = m2.baseAddress else { return }
        ThreadPool.shared.run(
          count: groups * blocks, threads: threads,
          nanoseconds: ThreadPool.work(outputs, stride, stride) / 32
        ) { task in
          let group = task / blocks
          let first = group * perGroup + task % blocks * together
          let end = min(first + together, (group + 1) * perGroup)
          addMoments(
            weights[first * width..<end * width], behind: group, to: means + first, m2 + first)
        }
      }
    }
    return result
  }

  /// - Parameter weights: of some channels behind the group.
  private func addMoments(
    _ weights: ArraySlice<Double>, behind group: Int,
    to means: UnsafeMutablePointer<Double>, _ m2: UnsafeMutablePointer<Double>
  ) {
    let (count, stride) = (weights.count / width, Self.stride(width))
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count * stride) { rows in
      // Rows of the products' stride, whose rest is zeros.
      rows.initialize(repeating: 0)
      for output in 0..<count {
        for channel in 0..<width {
          let weight = weights[weights.startIndex + output * width + channel]
          rows[output * stride + channel] = weight
          means[output] += weight * mean[group * width + channel]
        }
      }
      products.withUnsafeBufferPointer { products in
        guard let matrix = products.baseAddress, let rows = rows.baseAddress else { return }
        ck_quadratic_forms(
          Int64(count), Int64(stride), rows, matrix + group * stride * stride, m2)
      }
      for output in 0..<count { m2[output] = max(0, m2[output]) }
    }
  }
}

/// The rows of a matrix of channels cut into parts, which are measured side by side and summed in order.
private struct Parts {
  let rows: Int
  let width: Int
  let stride: Int
  /// So many that what a part leaves is little beside what it reads.
  private let rowsOfPart: Int
  private var count: Int { (rows + rowsOfPart - 1) / rowsOfPart }

  init(rows: Int, width: Int) {
    self.rows = rows
    self.width = width
    stride = Int(ck_comoment_stride(Int64(width)))
    rowsOfPart = max(1024, 4 * width)
  }

  /// Sums of x - k and of products of two of them, k being the channel's first element, for each group.
  func measure(
    _ base: UnsafePointer<Float>, channels: Int, groups: Int, threads: Int
  ) -> (sums: [Double], products: [Double]) {
    let (size, scratch) = (stride + stride * stride, Int(ck_comoment_scratch_size(Int64(width))))
    let tasks = count * groups
    // Each result begins a cache line: a vector that lies in two is slow to load again after a store.
    let line = 64
    let room = UnsafeMutableRawPointer.allocate(
      byteCount: tasks * size * MemoryLayout<Double>.stride + line,
      alignment: MemoryLayout<Double>.alignment)
    defer { room.deallocate() }
    let results = room.alignedUp(toMultipleOf: line).assumingMemoryBound(to: Double.self)
    ThreadPool.shared.run(count: tasks, threads: threads) { task in
      let (part, group) = (task / groups, task % groups)
      let first = part * rowsOfPart
      let place = results + task * size
      withUnsafeTemporaryAllocation(byteCount: scratch, alignment: 64) { buffer in
        guard let widened = buffer.baseAddress else { return }
        let start = base + group * width
        ck_comoments(
          Int64(min(rowsOfPart, rows - first)), Int64(width), start + first * channels,
          Int64(channels), start, place, place + stride, widened)
      }
    }
    var sums = Array(repeating: 0.0, count: groups * stride)
    var products = Array(repeating: 0.0, count: groups * stride * stride)
    for task in 0..<tasks {
      let (group, place) = (task % groups, results + task * size)
      for index in 0..<stride { sums[group * stride + index] += place[index] }
      let start = group * stride * stride
      for index in 0..<stride * stride { products[start + index] += place[stride + index] }
    }
    return (sums, products)
  }
}
