internal import SurgeonIR

/// ai.onnx.ml Binarizer: 1 where the element is above the threshold, 0 elsewhere.
enum Binarizer: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let threshold = call.node.float("threshold", default: 0)
    let y = try call.output(x.shape, of: T.self)
    for index in 0..<x.count { y[index] = x[index].double > threshold ? T.one : T.zero }
    return [y.datum]
  }
}

/// ai.onnx.ml ArrayFeatureExtractor: the columns of X's last axis that Y names.
enum ArrayFeatureExtractor: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    guard let columns = try call.ints(1), let width = x.shape.last,
      columns.allSatisfy({ (0..<width).contains($0) })
    else { throw call.failure("the indices do not lie within the last axis of \(x.shape)") }
    let rows = x.shape.dropLast().reduce(1, *)
    let shape = x.shape.count == 1 ? [1, columns.count] : x.shape.dropLast() + [columns.count]
    let y = try call.output(shape, of: T.self)
    for row in 0..<rows {
      for (index, column) in columns.enumerated() {
        y[row * columns.count + index] = x[row * width + column]
      }
    }
    return [y.datum]
  }
}
