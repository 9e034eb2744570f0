internal import CKernels
internal import SurgeonThreads

/// Mean and population variance of a value's channels or groups of channels, in Float64.
///
/// A channel (or, where its elements are neighbours, a group) is summed by one thread, in one order.
struct GroupMoments {
  private(set) var means: [Double]
  private(set) var variances: [Double]

  /// The moments of each group of each image.
  ///
  /// - Parameter x: of at least one element; channels-last or row-major.
  init(_ x: StridedTensor, groups: Int, threads: Int) {
    means = Array(repeating: 0, count: x.shape[0] * groups)
    variances = means
    if x.matches(.rowMajor) {
      lines(x, threads: threads)
    } else {
      channels(x, groups: groups, threads: threads)
    }
  }

  /// The moments of each channel over all images.
  static func ofChannels(_ x: StridedTensor, threads: Int) -> GroupMoments {
    let (images, channels) = (x.shape[0], x.shape[1])
    var result = GroupMoments(x, groups: channels, threads: threads)
    guard images > 1 else { return result }
    for channel in 0..<channels {
      let own = stride(from: channel, to: images * channels, by: channels)
      let mean = own.reduce(0) { $0 + result.means[$1] } / Double(images)
      let variance = own.reduce(0) { sum, index in
        let distance = result.means[index] - mean
        return sum + result.variances[index] + distance * distance
      }
      (result.means[channel], result.variances[channel]) = (mean, variance / Double(images))
    }
    result.means.removeLast((images - 1) * channels)
    result.variances.removeLast((images - 1) * channels)
    return result
  }

  /// A row-major value: each group's elements follow each other.
  private mutating func lines(_ x: StridedTensor, threads: Int) {
    let length = x.count / means.count
    means.withUnsafeMutableBufferPointer { means in
      variances.withUnsafeMutableBufferPointer { variances in
        guard let mean = means.baseAddress, let variance = variances.baseAddress else { return }
        nonisolated(unsafe) let (mean_, variance_) = (mean, variance)
        ThreadPool.shared.run(
          count: means.count, threads: threads, nanoseconds: x.count / 4
        ) { group in
          ck_line_moments(
            1, Int64(length), x.base + group * length, Int64(length), mean_ + group,
            variance_ + group)
        }
      }
    }
    withExtendedLifetime(x) {}
  }

  /// A channels-last value: both sums of each channel in one pass, as distances from a number near
  /// the mean (each group's first one), which keeps the difference of squares exact.
  private mutating func channels(_ x: StridedTensor, groups: Int, threads: Int) {
    let (images, channels) = (x.shape[0], x.shape[1])
    let plane = x.count / (images * channels)
    let (width, perGroup) = (16, channels / groups)
    let blocks = (channels + width - 1) / width
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * images * channels) { sums in
      guard let sums = sums.baseAddress else { return }
      let squares = sums + images * channels
      ThreadPool.shared.run(
        count: images * blocks, threads: threads, nanoseconds: x.count / 4
      ) { task in
        let (image, channel) = (task / blocks, task % blocks * width)
        let count = min(width, channels - channel)
        let start = x.base + image * plane * channels
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { shift in
          guard let shift = shift.baseAddress else { return }
          for index in 0..<count {
            shift[index] = start[(channel + index) / perGroup * perGroup]
          }
          ck_moments(
            Int64(plane), Int64(count), start + channel, Int64(channels), shift,
            sums + image * channels + channel, squares + image * channels + channel)
        }
      }
      for group in 0..<images * groups {
        let (image, first) = (group / groups, group % groups * perGroup)
        var (sum, square) = (0.0, 0.0)
        for channel in first..<first + perGroup {
          sum += sums[image * channels + channel]
          square += squares[image * channels + channel]
        }
        let count = Double(perGroup * plane)
        let distance = sum / count
        means[group] = Double(x.base[image * plane * channels + first]) + distance
        variances[group] = max(0, square / count - distance * distance)
      }
    }
    withExtendedLifetime(x) {}
  }
}
