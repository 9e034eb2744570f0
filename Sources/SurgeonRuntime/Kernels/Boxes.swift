internal import CKernels
internal import SurgeonIR
internal import SurgeonThreads

/// NonMaxSuppression: per batch and class, boxes by falling score that overlap no better one by more
/// than the threshold. Yields [selected, 3]: batch, class, box.
enum NonMaxSuppression {
  @Sendable static func run(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let (boxes, scores) = (try call.tensor(0), try call.tensor(1))
    let single = scores.elementType == .float32 ? try scores.view(as: Float.self) : nil
    guard let corners = try boxes.float64Elements(),
      let values = try single == nil ? scores.float64Elements() : [],
      boxes.shape.count == 3, scores.shape.count == 3, boxes.shape[2] == 4,
      boxes.shape[0] == scores.shape[0], boxes.shape[1] == scores.shape[2]
    else {
      throw call.failure("boxes \(boxes.shape) and scores \(scores.shape) do not fit together")
    }
    let limit = try call.ints(2)?.first ?? 0
    let overlap = try call.optionalTensor(3)?.float64Elements()?.first ?? 0
    let threshold = try call.optionalTensor(4)?.float64Elements()?.first
    let isCentred = call.node.flag("center_point_box")
    let (batches, count, classes) = (boxes.shape[0], boxes.shape[1], scores.shape[1])
    let rectangles = corners.withUnsafeBufferPointer { corners in
      (0..<batches * count).map { ck_box(corners, at: $0 * 4, isCentred: isCentred) }
    }
    var kept: [[Int64]] = Array(repeating: [], count: batches * classes)
    kept.withUnsafeMutableBufferPointer { kept in
      // Unchecked: each task fills the list of one class of one batch.
      nonisolated(unsafe) let kept = kept
      call.share(kept.count, nanoseconds: 16 * scores.count) { list in
        let offset = list * count
        let candidates =
          if let single {
            Candidates(single.base + offset, count: count, above: threshold)
          } else {
            Candidates(values[offset..<(offset + count)], above: threshold)
          }
        kept[list] = select(
          candidates, of: rectangles[(list / classes * count)...], limit: limit, overlap: overlap)
      }
    }
    withExtendedLifetime(single) {}
    var selected: [Int64] = []
    for (list, boxes) in kept.enumerated() {
      for box in boxes { selected += [Int64(list / classes), Int64(list % classes), box] }
    }
    return [.tensor(Tensor(selected, shape: [selected.count / 3, 3]))]
  }

  private static func select(
    _ candidates: consuming Candidates, of rectangles: ArraySlice<ck_box>, limit: Int,
    overlap: Double
  ) -> [Int64] {
    var places: [Int64] = []
    let most = min(limit, rectangles.count)
    guard most > 0 else { return [] }
    // The numbers of those that were kept, each in a list of its own.
    withUnsafeTemporaryAllocation(of: Double.self, capacity: ck_box.size * most) { kept in
      guard let kept = kept.baseAddress else { return }
      while places.count < limit {
        let better = candidates.next()
        guard !better.isEmpty else { break }
        for box in better where places.count < limit {
          let candidate = rectangles[rectangles.startIndex + box]
          guard ck_overlaps_any(Int64(places.count), kept, Int64(most), candidate, overlap) == 0
          else { continue }
          candidate.write(to: kept + places.count, stride: most)
          places.append(Int64(box))
        }
      }
    }
    return places
  }

  /// Places by falling score, of equal scores the lower one first.
  ///
  /// Only so many are put in order as are asked for: a limit is reached long before the last one.
  private struct Candidates {
    private var keys: OrderKeys?
    private var places: [Int] = []
    private static let atATime = 64

    init(_ scores: UnsafePointer<Float>, count: Int, above threshold: Double?) {
      keys = OrderKeys(scores, count: count) { score in
        threshold.map { Double(score) > $0 } ?? true
      }
    }

    init(_ scores: ArraySlice<Double>, above threshold: Double?) {
      let first = scores.startIndex
      places = scores.indices.map { $0 - first }
        .filter { place in threshold.map { scores[first + place] > $0 } ?? true }
        .sorted { a, b in (scores[first + a], b) > (scores[first + b], a) }
    }

    /// Some that come next; none where there are no more.
    mutating func next() -> [Int] {
      defer { places = [] }
      return keys?.next(Self.atATime) ?? places
    }
  }
}

extension ck_box {
  fileprivate static let size = 5

  /// From [y1, x1, y2, x2] in any order of the corners, or [x, y, width, height].
  fileprivate init(_ numbers: UnsafeBufferPointer<Double>, at start: Int, isCentred: Bool) {
    func number(_ index: Int) -> Double {
      let value = numbers[start + index]
      return value.isNaN ? 0 : value
    }
    self.init()
    let (a, b, c, d) = (number(0), number(1), number(2), number(3))
    if isCentred {
      let (w, h) = (c.magnitude / 2, d.magnitude / 2)
      (left, right, top, bottom) = (a - w, a + w, b - h, b + h)
    } else {
      (left, right, top, bottom) = (min(b, d), max(b, d), min(a, c), max(a, c))
    }
    area = (right - left) * (bottom - top)
  }

  fileprivate func write(to lists: UnsafeMutablePointer<Double>, stride: Int) {
    for (index, number) in [left, right, top, bottom, area].enumerated() {
      lists[index * stride] = number
    }
  }
}

/// RoiAlign: each region of X [N, C, H, W] pooled to a fixed size from bilinear samples.
enum RoiAlign: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let regions = try call.tensor(1).view(as: T.self)
    guard let batches = try call.ints(2), x.shape.count == 4,
      regions.shape == [batches.count, 4],
      batches.allSatisfy({ (0..<x.shape[0]).contains($0) })
    else { throw call.failure("rois must be [regions, 4], each with an index into the batch") }
    let node = call.node
    let (rows, columns) = (
      node.int("output_height", default: 1), node.int("output_width", default: 1)
    )
    let scale = node.float("spatial_scale", default: 1)
    let ratio = node.int("sampling_ratio", default: 0)
    let takesMaximum = node.string("mode", default: "avg") == "max"
    // Before opset 16 regions were not shifted by half a pixel.
    let mode = node.string(
      "coordinate_transformation_mode",
      default: node.sinceVersion >= 16 ? "half_pixel" : "output_half_pixel")
    let isShifted = mode == "half_pixel"
    let (channels, height, width) = (x.shape[1], x.shape[2], x.shape[3])
    guard rows > 0, columns > 0 else { throw call.failure("the output has no elements") }
    let y = try call.output([batches.count, channels, rows, columns], of: T.self)
    var grids: [Grid] = []
    for region in batches.indices {
      let corner = (0..<4).map {
        Double(regions[region * 4 + $0]) * scale - (isShifted ? 0.5 : 0)
      }
      guard corner.allSatisfy({ $0.magnitude < 0x1p30 }) else {
        throw call.failure("region \(region) has coordinates that no image has")
      }
      let extent = [corner[2] - corner[0], corner[3] - corner[1]].map {
        isShifted ? $0 : max($0, 1)
      }
      let cell = [extent[0] / Double(columns), extent[1] / Double(rows)]
      let samples = cell.map { ratio > 0 ? ratio : max(Int($0.rounded(.up)), 0) }
      _ = try Sizes.count([samples[0], samples[1]])
      grids.append(
        Grid(
          left: corner[0], top: corner[1], width: cell[0], height: cell[1], across: samples[0],
          down: samples[1]))
    }
    let plane = height * width
    let samples = grids.map { $0.across * $0.down }.max() ?? 0
    let work = ThreadPool.work(4, samples, y.count)
    call.share(batches.count, nanoseconds: work) { region in
      let grid = grids[region]
      let source = x.base + batches[region] * channels * plane
      var target = y.base + region * channels * rows * columns
      var taps: [[Tap]] = []
      for row in 0..<rows {
        for column in 0..<columns { taps.append(grid.taps(row, column, height, width)) }
      }
      let samples = Double(max(grid.across * grid.down, 1))
      for channel in 0..<channels {
        let image = source + channel * plane
        for cell in taps {
          var pooled = 0.0
          if takesMaximum, let first = cell.first {
            // The standard's maximum is over the four weighted neighbours of every sample.
            pooled = Double(image[first.offset]) * first.weight
            for tap in cell { pooled = max(pooled, Double(image[tap.offset]) * tap.weight) }
          } else {
            for tap in cell { pooled += Double(image[tap.offset]) * tap.weight }
            pooled /= samples
          }
          target.pointee = T(pooled)
          target += 1
        }
      }
    }
    withExtendedLifetime((x, regions)) {}
    return [y.datum]
  }

  /// The cells that a region is cut into, and how many samples each has.
  private struct Grid {
    let left, top, width, height: Double
    let across, down: Int

    /// The taps of all samples of a cell.
    func taps(_ row: Int, _ column: Int, _ imageHeight: Int, _ imageWidth: Int) -> [Tap] {
      var taps: [Tap] = []
      taps.reserveCapacity(4 * down * across)
      for i in 0..<down {
        let v = top + Double(row) * height + (Double(i) + 0.5) * height / Double(down)
        for j in 0..<across {
          let u = left + Double(column) * width + (Double(j) + 0.5) * width / Double(across)
          taps += RoiAlign.taps(v, u, imageHeight, imageWidth)
        }
      }
      return taps
    }
  }

  private typealias Tap = (offset: Int, weight: Double)

  private static func taps(_ v: Double, _ u: Double, _ height: Int, _ width: Int) -> [Tap] {
    guard v >= -1, v <= Double(height), u >= -1, u <= Double(width) else {
      return Array(repeating: (0, 0), count: 4)
    }
    let (top, bottom, dy) = neighbours(max(v, 0), height)
    let (left, right, dx) = neighbours(max(u, 0), width)
    return [
      (top * width + left, (1 - dy) * (1 - dx)), (top * width + right, (1 - dy) * dx),
      (bottom * width + left, dy * (1 - dx)), (bottom * width + right, dy * dx),
    ]
  }

  private static func neighbours(_ x: Double, _ size: Int) -> (Int, Int, Double) {
    let low = Int(x)
    return low >= size - 1 ? (size - 1, size - 1, 0) : (low, low + 1, x - Double(low))
  }
}

/// MaxRoiPool: the maximum in each cell of a grid over regions [regions, 5] of (batch, x1, y1, x2,
/// y2), after Fast R-CNN.
enum MaxRoiPool: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let regions = try call.tensor(1).view(as: T.self)
    guard let size = call.node.ints("pooled_shape"), size.count == 2, size[0] > 0, size[1] > 0,
      x.shape.count == 4, regions.shape.count == 2, regions.shape[1] == 5
    else { throw call.failure("MaxRoiPool needs [N, C, H, W], [regions, 5] and pooled_shape") }
    let scale = call.node.float("spatial_scale", default: 1)
    let (channels, height, width) = (x.shape[1], x.shape[2], x.shape[3])
    let y = try call.output([regions.shape[0], channels] + size, of: T.self)
    for region in 0..<regions.shape[0] {
      let numbers = (0..<5).map { Double(regions[region * 5 + $0]) }
      guard numbers.allSatisfy({ $0.magnitude < 0x1p30 }), numbers[0] >= 0,
        Int(numbers[0]) < x.shape[0]
      else { throw call.failure("region \(region) names no image of the batch") }
      let corners = numbers[1...].map { ($0 * scale).rounded(.toNearestOrAwayFromZero) }
      guard corners.allSatisfy({ $0.magnitude < 0x1p40 }) else {
        throw call.failure("region \(region) has coordinates that no image has")
      }
      let edge = corners.map { Int($0) }
      let extent = (Double(max(edge[3] - edge[1] + 1, 1)), Double(max(edge[2] - edge[0] + 1, 1)))
      for c in 0..<channels {
        let plane = x.base + (Int(numbers[0]) * channels + c) * height * width
        for row in 0..<size[0] {
          let vertical = cell(row, of: size[0], extent.0, edge[1], height)
          for column in 0..<size[1] {
            let horizontal = cell(column, of: size[1], extent.1, edge[0], width)
            var best: T?
            for i in vertical {
              for j in horizontal { best = max(best ?? plane[i * width + j], plane[i * width + j]) }
            }
            y[((region * channels + c) * size[0] + row) * size[1] + column] = best ?? 0
          }
        }
      }
    }
    return [y.datum]
  }

  private static func cell(
    _ index: Int, of count: Int, _ extent: Double, _ start: Int, _ size: Int
  ) -> Range<Int> {
    let step = extent / Double(count)
    let low = Int((Double(index) * step).rounded(.down)) + start
    let high = Int((Double(index + 1) * step).rounded(.up)) + start
    let from = min(max(low, 0), size)
    return from..<max(from, min(max(high, 0), size))
  }
}
