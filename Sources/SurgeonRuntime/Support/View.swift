internal import SurgeonIR

/// A dense tensor's elements for reading. Keeps them alive as long as it lives.
struct View<T: BitwiseCopyable> {
  let shape: [Int]
  let count: Int
  let base: UnsafePointer<T>
  let owner: AnyObject

  @inline(__always) subscript(_ index: Int) -> T { base[index] }

  var elements: [T] { Array(UnsafeBufferPointer(start: base, count: count)) }
}

extension Tensor {
  /// The elements as `T`, whose width must be that of the element type: Float for float32, UInt8
  /// for bool, UInt16 for the bits of float16.
  ///
  /// Tensors of a running session are in memory and aligned; see `prepared(for:)`.
  func view<T: BitwiseCopyable>(as type: T.Type = T.self) throws(SurgeonError) -> View<T> {
    guard elementType.bitWidth == MemoryLayout<T>.size * 8 else {
      throw SurgeonError(
        .invalidNode, "a tensor of \(elementType.name) stands where another type is needed")
    }
    let bytes = try bytes()
    let count = count
    guard bytes.count >= count * MemoryLayout<T>.stride else {
      throw SurgeonError(.invalidData, "a tensor has too few bytes for its shape")
    }
    return View(
      shape: shape, count: count, base: bytes.base.assumingMemoryBound(to: T.self),
      owner: bytes.owner)
  }

  /// The elements of a string tensor.
  func strings() throws(SurgeonError) -> [[UInt8]] {
    guard case .strings(let strings) = storage, strings.count == count else {
      throw SurgeonError(.invalidNode, "a tensor of \(elementType.name) stands for strings")
    }
    return strings
  }
}

/// A dense tensor while a kernel fills it.
struct Output<T: BitwiseCopyable> {
  let shape: [Int]
  let count: Int
  let base: UnsafeMutablePointer<T>
  let elementType: ElementType
  private let block: PooledBlock

  init(_ block: PooledBlock, elementType: ElementType, shape: [Int], count: Int) {
    self.block = block
    self.elementType = elementType
    self.shape = shape
    self.count = count
    base = block.base.bindMemory(to: T.self, capacity: max(count, 1))
  }

  @inline(__always) subscript(_ index: Int) -> T {
    get { base[index] }
    nonmutating set { base[index] = newValue }
  }

  func fill(_ value: T) { base.update(repeating: value, count: count) }

  /// The tensor, once every element is written.
  var tensor: Tensor {
    Tensor(
      elementType: elementType, shape: shape,
      bytes: TensorBytes(
        owner: block, base: UnsafeRawPointer(base), count: count * MemoryLayout<T>.stride))
  }
  var datum: Datum { .tensor(tensor) }
}

extension KernelCall {
  /// A new tensor of `T`, not yet initialised.
  ///
  /// - Throws: `invalidNode` for a shape that no memory holds.
  func output<T: Scalar>(_ shape: [Int], of type: T.Type = T.self) throws(SurgeonError)
    -> Output<T>
  { try output(shape, of: type, as: T.elementType) }

  /// A tensor of the shape of `x`, input `slot`, for a kernel that reads an element of it before it writes
  /// the one in its place: in the memory of the input where nobody else has it or reads it any more.
  func output<T: BitwiseCopyable>(
    over slot: Int, _ x: View<T>, as elementType: ElementType
  ) throws(SurgeonError) -> Output<T> {
    if slot < consumes.count, consumes[slot], case .datum? = inputs[slot],
      let block = x.owner as? PooledBlock, UnsafeRawPointer(x.base) == block.base
    {
      return Output(block, elementType: elementType, shape: x.shape, count: x.count)
    }
    return try output(x.shape, of: T.self, as: elementType)
  }

  /// The same under another element type of the same width, such as bool for UInt8.
  func output<T: BitwiseCopyable>(
    _ shape: [Int], of type: T.Type = T.self, as elementType: ElementType
  ) throws(SurgeonError) -> Output<T> {
    let count = try Sizes.count(shape)
    let block = try context.allocate(byteCount: count * MemoryLayout<T>.stride)
    return Output(block, elementType: elementType, shape: shape, count: count)
  }
}
