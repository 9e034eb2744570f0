internal import SurgeonIR

/// Moving elements without looking at them: any element type, strings and packed ones included.
extension KernelCall {
  /// A tensor of `shape` made of blocks of `tensor`: block i is the `length` elements from
  /// `starts[i]` on, or the element of `fill` (zero by default) repeated where the start is -1.
  func gather(
    _ tensor: Tensor, blocks starts: [Int], length: Int, shape: [Int], fill: Tensor? = nil
  ) throws(SurgeonError) -> Tensor {
    guard try Sizes.count(shape) == starts.count * length else {
      throw failure("the result does not have the shape \(shape)")
    }
    let total = tensor.count
    guard starts.allSatisfy({ $0 == -1 || ($0 >= 0 && $0 <= total - length) }) else {
      throw failure("an index lies outside of the tensor of shape \(tensor.shape)")
    }
    if tensor.elementType == .string {
      return try gatherStrings(tensor, starts, length, shape, fill)
    }
    if tensor.elementType.bitWidth < 8 {
      let result = try gather(
        try tensor.unpacked(), blocks: starts, length: length, shape: shape,
        fill: try fill?.unpacked())
      return try result.packed(as: tensor.elementType)
    }
    switch tensor.elementType.bitWidth {
    case 8: return try gatherWords(tensor, starts, length, shape, fill, UInt8.self)
    case 16: return try gatherWords(tensor, starts, length, shape, fill, UInt16.self)
    case 32: return try gatherWords(tensor, starts, length, shape, fill, UInt32.self)
    case 64: return try gatherWords(tensor, starts, length, shape, fill, UInt64.self)
    default:
      return try gatherWords(tensor, starts, length, shape, fill, SIMD2<UInt64>.self)
    }
  }

  private func gatherWords<W: BitwiseCopyable>(
    _ tensor: Tensor, _ starts: [Int], _ length: Int, _ shape: [Int], _ fill: Tensor?,
    _ word: W.Type
  ) throws(SurgeonError) -> Tensor {
    let source = try tensor.view(as: W.self)
    let result = try output(shape, of: W.self, as: tensor.elementType)
    var filler: W?
    if let fill { filler = try fill.view(as: W.self)[0] }
    var destination = result.base
    for start in starts {
      if start < 0 {
        if let filler {
          destination.update(repeating: filler, count: length)
        } else {
          UnsafeMutableRawBufferPointer(
            start: destination, count: length * MemoryLayout<W>.stride
          ).initializeMemory(as: UInt8.self, repeating: 0)
        }
      } else if length == 1 {
        destination.pointee = source.base[start]
      } else {
        destination.update(from: source.base + start, count: length)
      }
      destination += length
    }
    return result.tensor
  }

  private func gatherStrings(
    _ tensor: Tensor, _ starts: [Int], _ length: Int, _ shape: [Int], _ fill: Tensor?
  ) throws(SurgeonError) -> Tensor {
    let source = try tensor.strings()
    let filler = try fill?.strings().first ?? []
    var result: [[UInt8]] = []
    result.reserveCapacity(starts.count * length)
    for start in starts {
      if start < 0 {
        result += Array(repeating: filler, count: length)
      } else {
        result += source[start..<(start + length)]
      }
    }
    return Tensor(elementType: .string, shape: shape, storage: .strings(result))
  }

  /// A tensor of `shape` read from `tensor` with the given step along each axis.
  func strided(
    _ tensor: Tensor, shape: [Int], strides: [Int], offset: Int = 0
  ) throws(SurgeonError) -> Tensor {
    let width = tensor.elementType.bitWidth / 8
    if [1, 2, 4, 8, 16].contains(width), tensor.elementType != .string {
      return try copied(tensor, shape: shape, strides: strides, offset: offset, width: width)
    }
    // Axes at the end that lie side by side in the source are copied as one block.
    var length = 1
    var outer = shape.count
    while outer > 0, strides[outer - 1] == length || shape[outer - 1] == 1 {
      length *= shape[outer - 1]
      outer -= 1
    }
    let starts = try BlockStarts.strided(
      shape: Array(shape[..<outer]), strides: Array(strides[..<outer]), offset: offset)
    return try gather(
      tensor, blocks: length == 0 ? [] : starts, length: length, shape: shape)
  }

  private func copied(
    _ tensor: Tensor, shape: [Int], strides: [Int], offset: Int, width: Int
  ) throws(SurgeonError) -> Tensor {
    let count = try Sizes.count(shape)
    let block = try context.allocate(byteCount: count * width)
    if count > 0 {
      var (first, last) = (offset, offset)
      for (size, stride) in Swift.zip(shape, strides) {
        if stride < 0 { first += (size - 1) * stride } else { last += (size - 1) * stride }
      }
      let source = try tensor.bytes()
      guard first >= 0, last < source.count / width else {
        throw failure("an index lies outside of the tensor of shape \(tensor.shape)")
      }
      withExtendedLifetime((source, block)) {
        StridedCopy(
          shape: shape, sources: strides, targets: shape.rowMajorStrides, width: width
        ).run(from: source.base + offset * width, to: block.base, threads: threads)
      }
    }
    return Tensor(
      elementType: tensor.elementType, shape: shape,
      bytes: TensorBytes(
        owner: block, base: UnsafeRawPointer(block.base), count: count * width))
  }

  /// A tensor whose index along each axis is looked up in `maps` (nil keeps the axis; -1 in a map
  /// means `fill`).
  func mapped(
    _ tensor: Tensor, _ maps: [[Int]?], fill: Tensor? = nil
  ) throws(SurgeonError) -> Tensor {
    let shape = zip(tensor.shape, maps).map { size, map in map?.count ?? size }
    var length = 1
    var outer = shape.count
    while outer > 0, maps[outer - 1] == nil {
      length *= shape[outer - 1]
      outer -= 1
    }
    _ = try Sizes.count(shape)
    let strides = tensor.shape.rowMajorStrides
    var starts = [0]
    for axis in 0..<outer {
      let map = maps[axis] ?? Array(0..<shape[axis])
      var next: [Int] = []
      next.reserveCapacity(starts.count * map.count)
      for start in starts {
        for index in map {
          next.append(start < 0 || index < 0 ? -1 : start + index * strides[axis])
        }
      }
      starts = next
    }
    return try gather(
      tensor, blocks: length == 0 ? [] : starts, length: length, shape: shape, fill: fill)
  }

  /// The tensors put one after the other along `axis`. Their other sizes must agree.
  func concatenated(_ tensors: [Tensor], axis: Int) throws(SurgeonError) -> Tensor {
    guard let first = tensors.first else { throw failure("there is nothing to concatenate") }
    var shape = first.shape
    shape[axis] = 0
    for tensor in tensors {
      guard tensor.elementType == first.elementType, tensor.shape.count == shape.count,
        tensor.shape.indices.allSatisfy({ $0 == axis || tensor.shape[$0] == shape[$0] })
      else { throw failure("the tensors do not fit together along axis \(axis)") }
      shape[axis] += tensor.shape[axis]
    }
    let inner = shape[(axis + 1)...].reduce(1, *)
    let outer = shape[..<axis].reduce(1, *)
    if first.elementType == .string {
      var sources: [[[UInt8]]] = []
      for tensor in tensors { sources.append(try tensor.strings()) }
      var result: [[UInt8]] = []
      for row in 0..<outer {
        for (source, tensor) in zip(sources, tensors) {
          let length = tensor.shape[axis] * inner
          result += source[(row * length)..<((row + 1) * length)]
        }
      }
      return Tensor(elementType: .string, shape: shape, storage: .strings(result))
    }
    if first.elementType.bitWidth < 8 {
      var unpacked: [Tensor] = []
      for tensor in tensors { unpacked.append(try tensor.unpacked()) }
      return try concatenated(unpacked, axis: axis).packed(as: first.elementType)
    }
    let width = first.elementType.bitWidth / 8
    let count = try Sizes.count(shape)
    let block = try context.allocate(byteCount: count * width)
    var position = 0
    for tensor in tensors {
      let source = try tensor.bytes()
      let length = tensor.shape[axis] * inner * width
      for row in 0..<outer {
        (block.base + row * shape[axis] * inner * width + position).copyMemory(
          from: source.base + row * length, byteCount: length)
      }
      position += length
    }
    return Tensor(
      elementType: first.elementType, shape: shape,
      bytes: TensorBytes(
        owner: block, base: UnsafeRawPointer(block.base), count: count * width))
  }

  /// The tensor stretched to `shape`, which it broadcasts to.
  func broadcast(_ tensor: Tensor, to shape: [Int]) throws(SurgeonError) -> Tensor {
    if tensor.shape == shape { return tensor }
    guard try Sizes.broadcast(tensor.shape, shape) == shape else {
      throw failure("a tensor of shape \(tensor.shape) does not stretch to \(shape)")
    }
    return try strided(
      tensor, shape: shape, strides: Sizes.broadcastStrides(tensor.shape, to: shape))
  }
}

/// Positions of blocks in a tensor.
enum BlockStarts {
  /// Every position of a walk in row-major order over `shape` with the given steps.
  static func strided(
    shape: [Int], strides: [Int], offset: Int
  ) throws(SurgeonError) -> [Int] {
    var starts = [offset]
    starts.reserveCapacity(try Sizes.count(shape))
    for axis in shape.indices {
      let size = shape[axis]
      let stride = strides[axis]
      var next: [Int] = []
      next.reserveCapacity(starts.count * size)
      for start in starts {
        for index in 0..<size { next.append(start + index * stride) }
      }
      starts = next
    }
    return starts
  }
}

extension Tensor {
  /// A tensor of elements narrower than a byte as one code per byte.
  func unpacked() throws(SurgeonError) -> Tensor {
    let bits = elementType.bitWidth
    let source = try bytes()
    let mask = UInt16((1 << bits) - 1)
    guard let needed = elementType.byteCount(of: count), source.count >= needed else {
      throw SurgeonError(.invalidData, "a tensor has too few bytes for its shape")
    }
    let codes = source.withUnsafeBytes { bytes in
      (0..<count).map { index in
        let position = index * bits
        // A 6-bit element may lie in two bytes.
        let low = UInt16(bytes[position / 8])
        let isSplit = position % 8 + bits > 8
        let high = isSplit ? UInt16(bytes[position / 8 + 1]) : 0
        return UInt8((low | high << 8) >> UInt16(position % 8) & mask)
      }
    }
    return Tensor(codes, shape: shape)
  }

  /// One code per byte as a tensor of elements narrower than a byte.
  func packed(as type: ElementType) throws(SurgeonError) -> Tensor {
    let bits = type.bitWidth
    let mask = UInt16((1 << bits) - 1)
    let source = try view(as: UInt8.self)
    var bytes = Array(repeating: UInt8(0), count: type.byteCount(of: source.count) ?? 0)
    for index in 0..<source.count {
      let position = index * bits
      let code = (UInt16(source[index]) & mask) << UInt16(position % 8)
      bytes[position / 8] |= UInt8(truncatingIfNeeded: code)
      if position % 8 + bits > 8 { bytes[position / 8 + 1] |= UInt8(code >> 8) }
    }
    return Tensor(elementType: type, shape: shape, bytes: TensorBytes(bytes))
  }
}
