internal import SurgeonIR
internal import SurgeonThreads

/// A row of elements some distance apart.
struct Row<T> {
  let base: UnsafePointer<T>
  let out: UnsafeMutablePointer<T>
  let count: Int
  let stride: Int
  @inline(__always) subscript(_ index: Int) -> T { base[index * stride] }
  @inline(__always) func set(_ index: Int, _ value: T) { out[index * stride] = value }
}

/// A function from rows to rows of the same length.
protocol RowFunction: SendableMetatype {
  static func apply<T: Real>(_ row: Row<T>)
}

/// Applies a row function along an axis; before version 13 all axes from there on are one row.
func alongAxis<F: RowFunction>(_ function: F.Type) -> ReferenceKernel.Body {
  real(AlongAxis<F>.self)
}

private enum AlongAxis<F: RowFunction>: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let y = try call.output(x.shape, of: T.self)
    let rank = x.shape.count
    let isOld = call.node.opset < 13
    guard rank > 0 else { throw call.failure("a scalar has no axis") }
    let axis = try Sizes.axis(call.node.int("axis", default: isOld ? 1 : -1), rank: rank)
    var (outer, size, inner) = Sizes.split(x.shape, at: axis)
    if isOld { (size, inner) = (size * inner, 1) }
    guard size > 0 else { return [y.datum] }
    ThreadPool.shared.run(count: outer, threads: call.threads, nanoseconds: 4 * x.count) {
      row in
      for column in 0..<inner {
        let start = row * size * inner + column
        F.apply(Row(base: x.base + start, out: y.base + start, count: size, stride: inner))
      }
    }
    return [y.datum]
  }
}

extension KernelCall {
  var threads: Int { context.options.threads }
}

extension Row where T: Real {
  fileprivate var largest: T {
    var largest = self[0]
    for index in 0..<count where self[index] > largest { largest = self[index] }
    return largest
  }
}

/// e^x over the sum of its row.
enum Softmax: RowFunction {
  static func apply<T: Real>(_ row: Row<T>) {
    let largest = row.largest
    var total: T = 0
    for index in 0..<row.count {
      let value = T.exp(row[index] - largest)
      total += value
      row.set(index, value)
    }
    for index in 0..<row.count { row.set(index, row.out[index * row.stride] / total) }
  }
}

enum LogSoftmax: RowFunction {
  static func apply<T: Real>(_ row: Row<T>) {
    let largest = row.largest
    var total: T = 0
    for index in 0..<row.count { total += T.exp(row[index] - largest) }
    let offset = T.log(total)
    for index in 0..<row.count { row.set(index, row[index] - largest - offset) }
  }
}

/// 1 for the first of the largest elements of a row, 0 elsewhere.
enum Hardmax: RowFunction {
  static func apply<T: Real>(_ row: Row<T>) {
    var best = 0
    for index in 0..<row.count where row[index] > row[best] { best = index }
    for index in 0..<row.count { row.set(index, index == best ? 1 : 0) }
  }
}
