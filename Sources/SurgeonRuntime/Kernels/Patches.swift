internal import SurgeonIR

/// Col2Im: sums columns [N, C * block, blocks] back into the image they were cut from.
enum Col2Im: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    guard let image = try call.ints(1), let block = try call.ints(2), x.shape.count == 3,
      image.count == block.count, !image.isEmpty, image.allSatisfy({ $0 > 0 }),
      block.allSatisfy({ $0 > 0 })
    else { throw call.failure("Col2Im needs [N, C * block, blocks] and two shapes of one rank") }
    let axes = image.count
    let dilations = call.node.ints("dilations") ?? Array(repeating: 1, count: axes)
    let strides = call.node.ints("strides") ?? Array(repeating: 1, count: axes)
    let pads = call.node.ints("pads") ?? Array(repeating: 0, count: 2 * axes)
    guard dilations.count == axes, strides.count == axes, pads.count == 2 * axes,
      strides.allSatisfy({ $0 > 0 }), dilations.allSatisfy({ $0 > 0 })
    else { throw call.failure("dilations, strides and pads do not fit \(axes) dimensions") }
    let blocks = (0..<axes).map { axis -> Int in
      let padded = image[axis] + pads[axis] + pads[axis + axes]
      let reach = dilations[axis] * (block[axis] - 1) + 1
      return (padded - reach) / strides[axis] + 1
    }
    let (elements, places) = (block.reduce(1, *), blocks.reduce(1, *))
    guard blocks.allSatisfy({ $0 > 0 }), x.shape[1] % elements == 0, x.shape[2] == places else {
      throw call.failure("\(x.shape) does not hold \(places) blocks of \(elements) elements")
    }
    let (batch, channels, plane) = (x.shape[0], x.shape[1] / elements, image.reduce(1, *))
    let y = try call.output([batch, channels] + image, of: T.self)
    y.fill(T.zero)
    for element in 0..<elements {
      let within = coordinates(element, block)
      for place in 0..<places {
        let at = coordinates(place, blocks)
        var offset: Int? = 0
        for axis in 0..<axes {
          let index = at[axis] * strides[axis] - pads[axis] + within[axis] * dilations[axis]
          offset = (0..<image[axis]).contains(index) ? offset.map { $0 * image[axis] + index } : nil
        }
        guard let offset else { continue }
        for outer in 0..<(batch * channels) {
          let target = outer * plane + offset
          y[target] = T.plus(y[target], x[(outer * elements + element) * places + place])
        }
      }
    }
    return [y.datum]
  }

  private static func coordinates(_ index: Int, _ shape: [Int]) -> [Int] {
    var rest = index
    var result = shape
    for axis in shape.indices.reversed() {
      result[axis] = rest % shape[axis]
      rest /= shape[axis]
    }
    return result
  }
}

/// MaxUnpool: the pooled maxima back at the places that MaxPool reports, zeros elsewhere.
enum MaxUnpool: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    guard let places = try call.ints(1), places.count == x.count,
      let kernel = call.node.ints("kernel_shape"), x.shape.count == kernel.count + 2
    else { throw call.failure("MaxUnpool needs an index for every element and kernel_shape") }
    let axes = kernel.count
    let strides = call.node.ints("strides") ?? Array(repeating: 1, count: axes)
    let pads = call.node.ints("pads") ?? Array(repeating: 0, count: 2 * axes)
    guard strides.count == axes, pads.count == 2 * axes else {
      throw call.failure("strides and pads do not fit \(axes) dimensions")
    }
    let spatial = (0..<axes).map { axis -> Int in
      let extent = (x.shape[axis + 2] - 1) * strides[axis] + kernel[axis]
      return extent - pads[axis] - pads[axis + axes]
    }
    let inferred = x.shape[..<2] + spatial
    let shape = try call.ints(2) ?? Array(inferred)
    guard shape.count == inferred.count, shape.allSatisfy({ $0 >= 0 }),
      shape.indices.allSatisfy({ $0 < 2 || shape[$0] >= inferred[$0] })
    else { throw call.failure("the output shape \(shape) does not hold \(inferred)") }
    let y = try call.output(shape, of: T.self)
    y.fill(T.zero)
    // Indices count in the shape that was pooled, which a larger output embeds.
    for (element, place) in places.enumerated() {
      var (rest, target, stride) = (place, 0, 1)
      for axis in shape.indices.reversed() {
        guard inferred[axis] > 0 else { continue }
        target += rest % inferred[axis] * stride
        rest /= inferred[axis]
        stride *= shape[axis]
      }
      guard place >= 0, rest == 0, target < y.count else {
        throw call.failure("index \(place) lies outside the output \(shape)")
      }
      y[target] = x[element]
    }
    return [y.datum]
  }
}
