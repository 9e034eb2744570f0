internal import SurgeonIR

/// Operators that change or tell the shape.
enum Shaping {
  @Sendable static func shape(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    guard call.has(0), let shape = call.inputs[0]?.shape else {
      throw call.failure("the input is not a tensor")
    }
    let rank = shape.count
    func clamped(_ position: Int) -> Int {
      min(max(position < 0 ? position + rank : position, 0), rank)
    }
    let start = clamped(call.node.int("start", default: 0))
    let end = max(start, clamped(call.node.int("end", default: rank)))
    return [.tensor(Tensor(shape[start..<end].map(Int64.init)))]
  }

  @Sendable static func size(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    [.tensor(Tensor(scalar: Int64(try call.tensor(0).count)))]
  }

  @Sendable static func reshape(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let isOld = call.node.opset < 5
    guard var shape = isOld ? call.node.ints("shape") : try call.ints(1) else {
      throw call.failure("the shape is missing")
    }
    // From version 14 on `allowzero` makes a 0 mean 0; otherwise it copies the input's size.
    if !call.node.flag("allowzero") {
      for axis in shape.indices where shape[axis] == 0 {
        guard axis < tensor.shape.count else {
          throw call.failure("the shape \(shape) copies a size that the input does not have")
        }
        shape[axis] = tensor.shape[axis]
      }
    }
    if let open = shape.firstIndex(of: -1) {
      shape[open] = 1
      let known = try Sizes.count(shape)
      guard known > 0, tensor.count % known == 0 else {
        throw call.failure("\(tensor.count) elements do not fit the shape \(shape)")
      }
      shape[open] = tensor.count / known
    }
    guard try Sizes.count(shape) == tensor.count else {
      throw call.failure("\(tensor.count) elements do not fit the shape \(shape)")
    }
    return [.tensor(tensor.reshaped(shape))]
  }

  @Sendable static func flatten(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let rank = tensor.shape.count
    let number = call.node.int("axis", default: 1)
    let axis = number < 0 ? number + rank : number
    guard axis >= 0, axis <= rank else {
      throw call.failure("axis \(number) is none of a tensor of rank \(rank)")
    }
    return [
      .tensor(
        tensor.reshaped([tensor.shape[..<axis].reduce(1, *), tensor.shape[axis...].reduce(1, *)]))
    ]
  }

  @Sendable static func squeeze(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let given = call.node.opset < 13 ? call.node.ints("axes") : try call.ints(1)
    let axes =
      try given.map { (axes) throws(SurgeonError) in
        try Sizes.axes(axes, rank: tensor.shape.count)
      } ?? tensor.shape.indices.filter { tensor.shape[$0] == 1 }
    guard axes.allSatisfy({ tensor.shape[$0] == 1 }) else {
      throw call.failure("the axes \(axes) of shape \(tensor.shape) are not all of size 1")
    }
    let kept = tensor.shape.indices.filter { !axes.contains($0) }
    return [.tensor(tensor.reshaped(kept.map { tensor.shape[$0] }))]
  }

  @Sendable static func unsqueeze(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let given = call.node.opset < 13 ? call.node.ints("axes") : try call.ints(1)
    guard let given, given.count < 1 << 10 else { throw call.failure("the axes are missing") }
    let rank = tensor.shape.count + given.count
    let axes = try Sizes.axes(given, rank: rank)
    var shape: [Int] = []
    var rest = tensor.shape[...]
    for axis in 0..<rank { shape.append(axes.contains(axis) ? 1 : rest.removeFirst()) }
    return [.tensor(tensor.reshaped(shape))]
  }
}
