internal import SurgeonIR
internal import SurgeonThreads

/// A function of one real number, with the parameters that a node gives it.
protocol RealFunction: SendableMetatype {
  init(_ node: NodeDescription) throws(SurgeonError)
  func callAsFunction<T: Real>(_ x: T) -> T
}

/// A function of one number of any type.
protocol NumberFunction: SendableMetatype {
  static func apply<T: Arithmetic>(_ x: T) -> T
}

/// Applies a real function to every element.
func map<F: RealFunction>(_ function: F.Type) -> ReferenceKernel.Body {
  real(MapReal<F>.self)
}

func map<F: NumberFunction>(_ function: F.Type) -> ReferenceKernel.Body {
  number(MapNumber<F>.self)
}

private enum MapReal<F: RealFunction>: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let function = try F(call.node)
    let x = try call.tensor(0).view(as: T.self)
    let y = try call.output(over: 0, x, as: T.elementType)
    call.shareElements(x.count, nanoseconds: 4 * x.count) { range in
      y.map(range, of: x) { function($0) }
    }
    return [y.datum]
  }
}

private enum MapNumber<F: NumberFunction>: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let input = try call.tensor(0)
    let x = try input.view(as: T.self)
    let y = try call.output(over: 0, x, as: input.elementType)
    call.shareElements(x.count, nanoseconds: x.count) { range in
      y.map(range, of: x) { F.apply($0) }
    }
    return [y.datum]
  }
}

extension KernelCall {
  /// Calls `body` with the parts of a range of `count` elements, on several threads where that pays.
  ///
  /// - Parameter nanoseconds: about what all of them take on one thread.
  @inline(__always)
  func shareElements(_ count: Int, nanoseconds: Int, _ body: (Range<Int>) -> Void) {
    let size = max(1 << 11, min(1 << 13, count / 4))
    ThreadPool.shared.run(
      count: (count + size - 1) / size, threads: threads, nanoseconds: nanoseconds
    ) { part in
      body(part * size..<min(count, (part + 1) * size))
    }
  }
}

extension Output {
  /// A function of some elements of `x`, each in its place.
  @inline(__always)
  func map(_ range: Range<Int>, of x: View<T>, _ body: (T) -> T) {
    // One pointer, by which the compiler sees that no element is read after it was written.
    if UnsafePointer(base) == x.base {
      for index in range { base[index] = body(base[index]) }
    } else {
      for index in range { base[index] = body(x.base[index]) }
    }
  }
}
