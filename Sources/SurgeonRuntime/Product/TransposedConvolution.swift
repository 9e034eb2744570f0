internal import CKernels
internal import SurgeonThreads

extension ConvolutionProduct {
  /// The transposed convolution: every input element adds the kernel, scaled, to the output.
  ///
  /// Weights are [groups * inputChannels, outputChannels, kernel]. The product of the weights with
  /// the image is computed for a few output channels at a time and added to the output in the order
  /// of the kernel's positions.
  package static func convolveTransposed<T: ProductScalar>(
    _ g: ConvolutionGeometry, x: UnsafePointer<T>, weights: UnsafePointer<T>,
    bias: UnsafePointer<T>?, y: UnsafeMutablePointer<T>, threads: Int
  ) {
    fill(y, with: bias, images: g.batch, channels: g.groups * g.outputChannels, g.outputPlane)
    guard g.outputPlane > 0, g.inputPlane > 0, g.inputChannels > 0 else { return }
    if g.input.count > 3 {
      addPeeled(g, isTransposed: true, x: x, weights: weights, y: y, threads: threads)
      return
    }
    let taps = g.taps
    // The product of one slice takes 16 MiB at most, unless a single channel takes more.
    let limit = (1 << 24) / MemoryLayout<T>.stride / max(1, taps * g.inputPlane)
    let slice = min(g.outputChannels, max(1, limit))
    let product = MatrixProduct.aligned(slice * taps * g.inputPlane, T.self)
    defer { product.deallocate() }
    for part in 0..<(g.batch * g.groups) {
      let group = part % g.groups
      let image = x + part * g.inputChannels * g.inputPlane
      for first in stride(from: 0, to: g.outputChannels, by: slice) {
        let channels = min(slice, g.outputChannels - first)
        let filters =
          weights + (group * g.inputChannels * g.outputChannels + first) * taps
        MatrixProduct.multiply(
          rows: channels * taps, columns: g.inputPlane, depth: g.inputChannels,
          left: MatrixView(base: filters, rowStride: 1, columnStride: g.outputChannels * taps),
          right: MatrixView(base: image, rowStride: g.inputPlane, columnStride: 1),
          into: product, resultRowStride: g.inputPlane, threads: threads)
        let target = y + (part * g.outputChannels + first) * g.outputPlane
        ThreadPool.shared.run(count: channels, threads: threads) { channel in
          scatter(
            g.window, taps: taps, product + channel * taps * g.inputPlane,
            into: target + channel * g.outputPlane)
        }
      }
    }
  }

  /// Adds the rows of a product, one for each kernel position, to one channel of the output.
  private static func scatter<T: ProductScalar>(
    _ w: ck_window, taps: Int, _ product: UnsafePointer<T>, into y: UnsafeMutablePointer<T>
  ) {
    var row = product
    let (depth, height, width) = (Int(w.input.0), Int(w.input.1), Int(w.input.2))
    for tap in 0..<Int64(taps) {
      let dx = Int(tap % w.kernel.2 * w.dilation.2 - w.padding.2)
      let dy = Int(tap / w.kernel.2 % w.kernel.1 * w.dilation.1 - w.padding.1)
      let dz = Int(tap / (w.kernel.2 * w.kernel.1) * w.dilation.0 - w.padding.0)
      for z in 0..<depth {
        let outZ = z * Int(w.stride.0) + dz
        guard outZ >= 0, outZ < Int(w.output.0) else { continue }
        for line in 0..<height {
          let outY = line * Int(w.stride.1) + dy
          guard outY >= 0, outY < Int(w.output.1) else { continue }
          let source = row + (z * height + line) * width
          let target = y + (outZ * Int(w.output.1) + outY) * Int(w.output.2)
          for column in 0..<width {
            let outX = column * Int(w.stride.2) + dx
            guard outX >= 0, outX < Int(w.output.2) else { continue }
            target[outX] += source[column]
          }
        }
      }
      row += depth * height * width
    }
  }
}
