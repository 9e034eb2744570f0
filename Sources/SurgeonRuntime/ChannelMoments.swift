internal import CKernels
public import SurgeonIR
internal import SurgeonThreads

/// Count, mean and sum of squared deviations of each channel of a value X [N, C, D1..Dk], along all
/// axes but the second. Float64.
public struct ChannelMoments: Sendable, Equatable {
  /// Elements per channel.
  public var count: Double
  public var mean: [Double]
  /// Sum of squared deviations from the mean.
  public var m2: [Double]

  init(count: Double, mean: [Double], m2: [Double]) {
    self.count = count
    self.mean = mean
    self.m2 = m2
  }

  /// Measures `value` in whatever layout its engine has it; a value of rank 1 is one channel.
  ///
  /// - Parameter threads: as in `SessionOptions`; the result does not depend on it.
  /// - Throws: `invalidData` where the value holds no floating-point numbers, or none at all; what
  ///   reading its elements throws.
  public init(of value: RuntimeValue, threads: Int = 0) throws(SurgeonError) {
    if let x = try value.strided() {
      try self.init(of: x, threads: threads)
      return
    }
    guard let tensor = try value.plain().tensor else {
      throw SurgeonError(.invalidData, "statistics of anything but a tensor are not defined")
    }
    guard tensor.elementType.isFloatingPoint, let numbers = try tensor.float64Elements() else {
      throw SurgeonError(
        .invalidData, "statistics of \(tensor.elementType.name) values are not defined")
    }
    try self.init(of: numbers, shape: tensor.shape)
  }

  private init(of x: StridedTensor, threads: Int) throws(SurgeonError) {
    let sizes = try Sizes(x.shape)
    let isSlow = x.count < 1 << 15
    let pass =
      x.matches(.channelsLast) && !(sizes.channels < 16 && x.matches(.rowMajor))
      ? MomentsPass.channelsLast(x.base, rows: sizes.rows, channels: sizes.channels)
      : MomentsPass.rowMajor(
        try x.arranged(.rowMajor).base, images: sizes.images, channels: sizes.channels,
        plane: sizes.plane)
    let sums = pass.run(threads: isSlow ? 1 : threads)
    withExtendedLifetime(x) {}
    let count = Double(sizes.rows)
    self.count = count
    mean = sums.sums.indices.map { pass.shift($0) + sums.sums[$0] / count }
    m2 = zip(sums.sums, sums.squares).map { sum, squares in
      max(0, squares - sum * (sum / count))
    }
  }

  /// Two passes over Float64 numbers in row-major order.
  private init(of numbers: [Double], shape: [Int]) throws(SurgeonError) {
    let sizes = try Sizes(shape)
    count = Double(sizes.rows)
    mean = Array(repeating: 0, count: sizes.channels)
    m2 = mean
    func add(_ term: (Double, Int) -> Double, to totals: inout [Double]) {
      for plane in 0..<sizes.images * sizes.channels {
        let channel = plane % sizes.channels
        var total = 0.0
        for index in plane * sizes.plane..<(plane + 1) * sizes.plane {
          total += term(numbers[index], channel)
        }
        totals[channel] += total
      }
    }
    add({ number, _ in number }, to: &mean)
    for channel in mean.indices { mean[channel] /= count }
    let center = mean
    add({ ($0 - center[$1]) * ($0 - center[$1]) }, to: &m2)
  }

  /// What the sizes of a value mean for statistics.
  private struct Sizes {
    let images: Int
    let channels: Int
    let plane: Int
    /// Elements per channel.
    var rows: Int { images * plane }

    init(_ shape: [Int]) throws(SurgeonError) {
      images = shape.count < 2 ? 1 : shape[0]
      channels = shape.count < 2 ? 1 : shape[1]
      plane = (shape.count < 2 ? shape[...] : shape[2...]).reduce(1, *)
      guard images > 0, channels > 0, plane > 0 else {
        throw SurgeonError(.invalidData, "there is nothing to measure", detail: "shape \(shape)")
      }
    }
  }
}

/// One pass over Float32 elements that sums x - k and (x - k)² per channel in Float64.
///
/// The shift k is the channel's first element. It is one of the elements, so its own distance from
/// the mean is part of the sum of squares, and M2 = Q - S²/n loses at most the factor n in the last
/// digit of a Float64; a channel that never varies gives exactly 0.
private struct MomentsPass {
  private let base: UnsafePointer<Float>
  /// One unit of work: a matrix in memory, row after row, whose columns are channels.
  private struct Part {
    var start: Int
    var rows: Int
    /// The channel of the first column.
    var channel: Int
  }

  private var parts: [Part] = []
  /// Channels side by side in memory: all of them, or one.
  private let columns: Int
  private let shifts: [Float]
  /// Rows that the kernel takes as one, so that they fill its width.
  private let together: Int

  /// Elements that a part has at most, where it is not a single row: what the level-2 cache holds.
  private static let partSize = 1 << 16
  /// Columns that the kernel sums side by side.
  private static let width = 32

  func shift(_ channel: Int) -> Double { Double(shifts[channel]) }

  static func channelsLast(
    _ base: UnsafePointer<Float>, rows: Int, channels: Int
  ) -> MomentsPass {
    var pass = MomentsPass(
      base: base, columns: channels,
      shifts: Array(UnsafeBufferPointer(start: base, count: channels)))
    pass.append(start: 0, rows: rows, channel: 0)
    return pass
  }

  static func rowMajor(
    _ base: UnsafePointer<Float>, images: Int, channels: Int, plane: Int
  ) -> MomentsPass {
    var pass = MomentsPass(
      base: base, columns: 1, shifts: (0..<channels).map { base[$0 * plane] })
    for index in 0..<images * channels {
      pass.append(start: index * plane, rows: plane, channel: index % channels)
    }
    return pass
  }

  private init(base: UnsafePointer<Float>, columns: Int, shifts: [Float]) {
    self.base = base
    self.columns = columns
    self.shifts = shifts
    together = Self.width / greatestCommonDivisor(Self.width, columns)
  }

  private mutating func append(start: Int, rows: Int, channel: Int) {
    let step = max(1, Self.partSize / columns)
    for first in stride(from: 0, to: rows, by: step) {
      parts.append(
        Part(
          start: start + first * columns, rows: min(step, rows - first), channel: channel))
    }
  }

  /// Sums of x - k and of its square, per channel.
  func run(threads: Int) -> (sums: [Double], squares: [Double]) {
    // Small parts (7 x 7 planes) are done many at a time.
    let perTask = max(1, Self.partSize / max(1, (parts.first?.rows ?? 1) * columns))
    let taskCount = (parts.count + perTask - 1) / perTask
    let count = parts.count * columns
    let sums = UnsafeMutablePointer<Double>.allocate(capacity: 2 * count)
    defer { sums.deallocate() }
    let squares = sums + count
    ThreadPool.shared.run(count: taskCount, threads: threads) { task in
      for index in task * perTask..<min((task + 1) * perTask, parts.count) {
        measure(parts[index], sums + index * columns, squares + index * columns)
      }
    }
    return (total(sums), total(squares))
  }

  /// What the parts found, in their order, whichever thread did them.
  private func total(_ found: UnsafePointer<Double>) -> [Double] {
    Array(unsafeUninitializedCapacity: shifts.count) { buffer, count in
      buffer.initialize(repeating: 0)
      count = buffer.count
      guard let totals = buffer.baseAddress else { return }
      for (index, part) in parts.enumerated() {
        add(found + index * columns, to: totals + part.channel, count: columns)
      }
    }
  }

  private func measure(
    _ part: Part, _ sums: UnsafeMutablePointer<Double>, _ squares: UnsafeMutablePointer<Double>
  ) {
    let wide = together * columns
    let whole = part.rows / together
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * wide) { buffer in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: wide) { shift in
        guard let lanes = buffer.baseAddress, let shift = shift.baseAddress else { return }
        shifts.withUnsafeBufferPointer { shifts in
          guard let own = shifts.baseAddress.map({ $0 + part.channel }) else { return }
          for row in 0..<together { (shift + row * columns).update(from: own, count: columns) }
        }
        sums.update(repeating: 0, count: columns)
        squares.update(repeating: 0, count: columns)
        for (start, rows, together) in [
          (part.start, whole, together),
          (part.start + whole * wide, part.rows - whole * together, 1),
        ] where rows > 0 {
          let width = together * columns
          ck_moments(
            Int64(rows), Int64(width), base + start, Int64(width), shift, lanes, lanes + wide)
          for first in stride(from: 0, to: width, by: columns) {
            add(lanes + first, to: sums, count: columns)
            add(lanes + wide + first, to: squares, count: columns)
          }
        }
      }
    }
  }
}

private func add(
  _ numbers: UnsafePointer<Double>, to sums: UnsafeMutablePointer<Double>, count: Int
) {
  for index in 0..<count { sums[index] += numbers[index] }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  b == 0 ? a : greatestCommonDivisor(b, a % b)
}
