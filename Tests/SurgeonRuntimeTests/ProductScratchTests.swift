import CKernels
import Foundation
import Testing

/// Scratch memory comes as somebody left it, and vectors read on behind the last result.
@Suite struct ProductScratchTests {
  /// A signalling NaN raises the flag of an invalid operation in whatever lane of a vector it is.
  @Test(arguments: [(1, 13), (3, 3), (1, 1), (5, 49), (20, 8)])
  func `a product computes with nothing but its factors`(step: Int, columns: Int) {
    // Two slices of the depth; columns side by side, or the summands of a column.
    let (rows, depth) = (9, 300)
    let isTurned = step != 1
    let a = (0..<rows * depth).map { Double($0 % 13) - 6 }
    let b = (0..<depth * columns).map { Double($0 % 7) - 3 }
    let channelSize = (columns + 15) / 16 * 16
    let slice = Int(ck_slice_depth())
    let terms = (0..<depth).map { k in ck_term(a: Int64(k), b: Int64(k % slice * channelSize)) }
    let bands: [Int64] = [0]
    var c = [Double](repeating: 0, count: rows * columns)
    let isInvalid = bands.withUnsafeBufferPointer { bands in
      terms.withUnsafeBufferPointer { terms in
        func axis(_ count: Int, sourceStep: Int) -> ck_axis {
          ck_axis(
            source: Int64(count), source_step: Int64(sourceStep), output: Int64(count),
            output_step: 1, stride: 1, taps: 1, positions: bands.baseAddress!, block: Int64(count),
            band_count: 1,
            band_length: Int64(count), bands: bands.baseAddress!)
        }
        var product = ck_product(
          rows: Int64(rows), depth: Int64(depth), taps: 1, a_row_stride: Int64(depth),
          c_row_stride: Int64(columns), pairs: nil, terms: terms.baseAddress!,
          channel_step: Int64(isTurned ? 1 : columns), channel_size: Int64(channelSize),
          source_count: Int64(b.count),
          axes: (
            axis(1, sourceStep: 0), axis(1, sourceStep: 0),
            axis(columns, sourceStep: isTurned ? depth : 1)
          ))
        return Self.isInvalid(&product, a: a, b: b, c: &c)
      }
    }
    #expect(!isInvalid)
    for row in 0..<rows {
      for column in 0..<columns {
        let sum = (0..<depth).reduce(0.0) { sum, k in
          sum + a[row * depth + k] * b[isTurned ? column * depth + k : k * columns + column]
        }
        #expect(c[row * columns + column] == sum)
      }
    }
  }

  /// True where a product of full scratch memory, of signalling NaN, has computed with one of them.
  private static func isInvalid(
    _ product: inout ck_product, a: [Double], b: [Double], c: inout [Double]
  ) -> Bool {
    let size = Int(ck_scratch_size(&product, 8))
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    defer { scratch.deallocate() }
    scratch.initializeMemory(
      as: UInt64.self, repeating: Double.signalingNaN.bitPattern, count: size / 8)
    return a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          var operands = ck_operands_f64(
            a: a.baseAddress!, b: b.baseAddress!, bias: nil, c: c.baseAddress!)
          feclearexcept(FE_INVALID)
          ck_multiply_f64(&product, &operands, 1, 0, 0, product.rows, scratch)
          return fetestexcept(FE_INVALID) != 0
        }
      }
    }
  }
}
