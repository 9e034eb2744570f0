import SurgeonRuntime
import SurgeonTestSupport
import SurgeonThreads
import Testing

/// Small integers, so that every order of summation gives the same bits.
func smallIntegers<T: BinaryFloatingPoint>(_ count: Int, seed: Int) -> [T] {
  var noise = Noise(seed: seed &* 2_654_435_761 &+ 1)
  return (0..<count).map { _ in T((noise.nextBits() >> 8) % 17 - 8) }
}

@Suite struct MatrixProductTests {
  static let sizes = [
    (1, 1, 1), (3, 5, 7), (8, 24, 256), (17, 49, 257), (70, 210, 600), (4, 1, 9), (15, 1000, 3),
    // Few rows, whose right factor is read where it is: more than a block and more than a slice.
    (16, 1030, 300), (1, 77, 33), (5, 4000, 270),
    // The same where its columns lie in memory, and few columns: parts of a vector, of three vectors
    // and of a square, strides that are powers of two.
    (1, 1000, 2048), (2, 130, 1024), (7, 25, 519), (12, 24, 40), (16, 55, 256),
    (1000, 1, 2048), (130, 3, 1024), (25, 7, 519), (71, 16, 33), (18, 17, 300),
  ]

  @Test(arguments: sizes)
  func `a product in Float64 agrees with three nested loops`(m: Int, n: Int, k: Int) {
    check(m, n, k, Double.self)
  }

  @Test(arguments: sizes)
  func `a product in Float32 agrees with three nested loops`(m: Int, n: Int, k: Int) {
    check(m, n, k, Float.self)
  }

  private func check<T: ProductScalar>(_ m: Int, _ n: Int, _ k: Int, _ type: T.Type) {
    let a: [T] = smallIntegers(m * k, seed: 1)
    let b: [T] = smallIntegers(k * n, seed: 2)
    for (transposesA, transposesB) in [(false, false), (true, false), (false, true), (true, true)] {
      var expected = [T](repeating: 0, count: m * n)
      for i in 0..<m {
        for j in 0..<n {
          for p in 0..<k {
            let left = transposesA ? a[p * m + i] : a[i * k + p]
            let right = transposesB ? b[j * k + p] : b[p * n + j]
            expected[i * n + j] += left * right
          }
        }
      }
      var result = [T](repeating: .nan, count: m * n)
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          result.withUnsafeMutableBufferPointer { result in
            MatrixProduct.multiply(
              rows: m, columns: n, depth: k,
              left: MatrixView(
                base: a.baseAddress!, rowStride: transposesA ? 1 : k,
                columnStride: transposesA ? m : 1),
              right: MatrixView(
                base: b.baseAddress!, rowStride: transposesB ? 1 : n,
                columnStride: transposesB ? k : 1),
              into: result.baseAddress!, resultRowStride: n, threads: 2)
          }
        }
      }
      #expect(result == expected)
    }
  }

  @Test func `a stack of products shares factors and keeps results apart`() {
    // [1 2; 3 4] and [5 6; 7 8], each times [1 0; 1 1].
    let left: [Double] = [1, 2, 3, 4, 5, 6, 7, 8]
    let right: [Double] = [1, 0, 1, 1]
    var result = [Double](repeating: .nan, count: 8)
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        result.withUnsafeMutableBufferPointer { result in
          MatrixProduct.multiply(
            rows: 2, columns: 2, depth: 2,
            left: MatrixView(base: left.baseAddress!, rowStride: 2, columnStride: 1),
            right: MatrixView(base: right.baseAddress!, rowStride: 2, columnStride: 1),
            into: result.baseAddress!, resultRowStride: 2,
            stack: [.init(), .init(left: 4, right: 0, result: 4)], threads: 2)
        }
      }
    }
    #expect(result == [3, 2, 7, 4, 11, 6, 15, 8])
  }

  @Test(arguments: [(130, 300, 700), (7, 2000, 600), (1000, 5, 600)], [false, true])
  func `the number of threads changes no bit of a product`(
    size: (m: Int, n: Int, k: Int), isTurned: Bool
  ) {
    let (m, n, k) = size
    let a = (0..<m * k).map { Double($0 % 101) / 7 - 5 }
    let b = (0..<k * n).map { Double($0 % 97) / 11 - 3 }
    func product(threads: Int) -> [Double] {
      var result = [Double](repeating: 0, count: m * n)
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          result.withUnsafeMutableBufferPointer { result in
            MatrixProduct.multiply(
              rows: m, columns: n, depth: k,
              left: MatrixView(base: a.baseAddress!, rowStride: k, columnStride: 1),
              right: MatrixView(
                base: b.baseAddress!, rowStride: isTurned ? 1 : n, columnStride: isTurned ? k : 1),
              into: result.baseAddress!, resultRowStride: n, threads: threads)
          }
        }
      }
      return result
    }
    let single = product(threads: 1)
    #expect(product(threads: 2) == single)
    #expect(product(threads: 5) == single)
  }

  @Test(arguments: [1, 3, 8, 13, 16])
  func `few rows and few columns have the bits of the general product`(few: Int) {
    // A general product of more rows than few ones; each of its results is one of a narrow product.
    let (many, depth) = (101, 777)
    let a = (0..<many * depth).map { Double($0 % 101) / 7 - 5 }
    let b = (0..<many * depth).map { Double($0 % 97) / 11 - 3 }
    func product(_ rows: Int, _ columns: Int) -> [Double] {
      var result = [Double](repeating: .nan, count: rows * columns)
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          result.withUnsafeMutableBufferPointer { result in
            MatrixProduct.multiply(
              rows: rows, columns: columns, depth: depth,
              left: MatrixView(base: a.baseAddress!, rowStride: depth, columnStride: 1),
              right: MatrixView(base: b.baseAddress!, rowStride: 1, columnStride: depth),
              into: result.baseAddress!, resultRowStride: columns, threads: 2)
          }
        }
      }
      return result
    }
    let general = product(many, many)
    #expect(product(few, many) == Array(general[..<(few * many)]))
    #expect(
      product(many, few)
        == (0..<many).flatMap { general[($0 * many)..<($0 * many + few)] })
  }

  @Test func `what is no number stays in its own results`() {
    // Rows 0 and 1 of the weights, side by side in a panel.
    for depth in [5, 16] {
      var weights = [Double](repeating: 1, count: 30 * depth)
      weights[depth - 1] = .nan
      weights[2 * depth - 1] = .infinity
      let row = [Double](repeating: 2, count: depth)
      var result = [Double](repeating: 0, count: 30)
      row.withUnsafeBufferPointer { row in
        weights.withUnsafeBufferPointer { weights in
          result.withUnsafeMutableBufferPointer { result in
            MatrixProduct.multiply(
              rows: 1, columns: 30, depth: depth,
              left: MatrixView(base: row.baseAddress!, rowStride: depth, columnStride: 1),
              right: MatrixView(base: weights.baseAddress!, rowStride: 1, columnStride: depth),
              into: result.baseAddress!, resultRowStride: 30, threads: 1)
          }
        }
      }
      #expect(result[0].isNaN)
      #expect(result[1] == .infinity)
      #expect(result[2...].allSatisfy { $0 == Double(2 * depth) })
    }
  }

  @Test func `every index of a parallel loop runs once, loops within loops included`() {
    let counts = UnsafeMutablePointer<Int>.allocate(capacity: 100)
    counts.initialize(repeating: 0, count: 100)
    defer { counts.deallocate() }
    for _ in 0..<50 {
      ThreadPool.shared.run(count: 10, threads: 3) { i in
        ThreadPool.shared.run(count: 10, threads: 3) { j in counts[i * 10 + j] += 1 }
      }
    }
    #expect((0..<100).allSatisfy { counts[$0] == 50 })
  }

  @Test(arguments: 2...5) func `any number of indices is divided among threads`(threads: Int) {
    for count in 0..<40 {
      var found = [Int](repeating: 0, count: count)
      found.withUnsafeMutableBufferPointer { found in
        nonisolated(unsafe) let found = found
        // Every second one of these goes backwards.
        for _ in 0..<2 {
          ThreadPool.shared.run(count: count, threads: threads, nanoseconds: 1_000_000) {
            found[$0] += 1
          }
        }
      }
      #expect(found == [Int](repeating: 2, count: count))
    }
  }

  @Test func `a loop over values goes forwards or backwards, any other one forwards`() {
    func order(nanoseconds: Int) -> [Int] {
      var order: [Int] = []
      ThreadPool.shared.run(count: 4, threads: 1, nanoseconds: nanoseconds) { order.append($0) }
      return order
    }
    // Other tests' loops turn it too, in between.
    let orders = Set((0..<1000).map { _ in order(nanoseconds: 20_000) })
    #expect(orders == [[0, 1, 2, 3], [3, 2, 1, 0]])
    #expect(Set((0..<1000).map { _ in order(nanoseconds: .max) }) == [[0, 1, 2, 3]])
    #expect(Set((0..<1000).map { _ in order(nanoseconds: 5_000) }) == [[0, 1, 2, 3]])
  }

  @Test(arguments: [false, true], 1...4)
  func `calls at the same time have memory of their own`(inTurns: Bool, threads: Int) {
    let (count, words) = (60, 500)
    var found = [Int](repeating: 0, count: count)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      ThreadPool.shared.run(
        count: count, threads: threads, nanoseconds: .max,
        scratchSize: words * MemoryLayout<Int>.stride, inTurns: inTurns
      ) { index, scratch in
        let own = scratch.bindMemory(to: Int.self, capacity: words)
        own.initialize(repeating: index, count: words)
        for _ in 0..<50 where (0..<words).allSatisfy({ own[$0] == index }) { found[index] += 1 }
      }
    }
    #expect(found == [Int](repeating: 50, count: count))
  }
}
