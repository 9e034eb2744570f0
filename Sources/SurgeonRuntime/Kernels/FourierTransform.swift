internal import SurgeonLibc

/// The discrete Fourier transform of one length, in Float64.
///
/// Lengths that are powers of two go by Cooley and Tukey's radix-2 butterflies; others by
/// Bluestein's chirp, which turns them into a convolution of such a length.
struct FourierTransform {
  private let length: Int
  private let isInverse: Bool

  /// - Parameter isInverse: the exponent's sign is positive, and the result is divided by the length.
  init(length: Int, isInverse: Bool) {
    self.length = length
    self.isInverse = isInverse
  }

  func callAsFunction(_ real: [Double], _ imaginary: [Double]) -> (
    real: [Double], imaginary: [Double]
  ) {
    var (re, im) = (real, imaginary)
    let sign: Double = isInverse ? 1 : -1
    if length & (length - 1) == 0 {
      Self.radix2(&re, &im, sign: sign)
    } else {
      Self.bluestein(&re, &im, sign: sign)
    }
    if isInverse {
      let scale = 1 / Double(length)
      for index in 0..<length {
        re[index] *= scale
        im[index] *= scale
      }
    }
    return (re, im)
  }

  private static func radix2(_ re: inout [Double], _ im: inout [Double], sign: Double) {
    let count = re.count
    guard count > 1 else { return }
    var reversed = 0
    for index in 1..<count {
      var bit = count >> 1
      while reversed & bit != 0 {
        reversed ^= bit
        bit >>= 1
      }
      reversed |= bit
      if index < reversed {
        re.swapAt(index, reversed)
        im.swapAt(index, reversed)
      }
    }
    var size = 2
    while size <= count {
      let half = size / 2
      for k in 0..<half {
        let angle = sign * 2 * Double.pi * Double(k) / Double(size)
        let (c, s) = (cos(angle), sin(angle))
        for start in stride(from: k, to: count, by: size) {
          let (x, y) = (re[start + half], im[start + half])
          let (tr, ti) = (x * c - y * s, x * s + y * c)
          (re[start + half], im[start + half]) = (re[start] - tr, im[start] - ti)
          re[start] += tr
          im[start] += ti
        }
      }
      size *= 2
    }
  }

  private static func bluestein(_ re: inout [Double], _ im: inout [Double], sign: Double) {
    let count = re.count
    var size = 1
    while size < 2 * count - 1 { size *= 2 }
    // k^2 modulo 2n keeps the angle small, and so exact, however large k is.
    let angles = (0..<count).map { k in
      sign * Double.pi * Double(k * k % (2 * count)) / Double(count)
    }
    var (ar, ai) = ([Double](repeating: 0, count: size), [Double](repeating: 0, count: size))
    var (br, bi) = (ar, ai)
    for k in 0..<count {
      let (c, s) = (cos(angles[k]), sin(angles[k]))
      ar[k] = re[k] * c - im[k] * s
      ai[k] = re[k] * s + im[k] * c
      br[k] = c
      bi[k] = -s
      if k > 0 { (br[size - k], bi[size - k]) = (c, -s) }
    }
    radix2(&ar, &ai, sign: -1)
    radix2(&br, &bi, sign: -1)
    for k in 0..<size {
      (ar[k], ai[k]) = (ar[k] * br[k] - ai[k] * bi[k], ar[k] * bi[k] + ai[k] * br[k])
    }
    radix2(&ar, &ai, sign: 1)
    for k in 0..<count {
      let (c, s) = (cos(angles[k]), sin(angles[k]))
      let (x, y) = (ar[k] / Double(size), ai[k] / Double(size))
      (re[k], im[k]) = (x * c - y * s, x * s + y * c)
    }
  }
}
