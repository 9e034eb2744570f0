internal import SurgeonIR

extension Datum {
  /// The value with every tensor in memory, aligned, and in the types of `precision`.
  func prepared(for precision: SessionOptions.Precision) throws(SurgeonError) -> Datum {
    switch self {
    case .tensor(let tensor):
      return tensor.isPrepared(for: precision) ? self : .tensor(try tensor.prepared(for: precision))
    case .sparseTensor(let tensor): return .tensor(try tensor.dense().prepared(for: precision))
    case .sequence(let elements, let type):
      var result: [Datum] = []
      for element in elements { result.append(try element.prepared(for: precision)) }
      return .sequence(result, elementType: type)
    case .optional(let element, let type):
      return .optional(try element?.prepared(for: precision), elementType: type)
    case .map(let keys, let values):
      var result: [Datum] = []
      for value in values { result.append(try value.prepared(for: precision)) }
      return .map(keys: try keys.prepared(for: .single), values: result)
    }
  }
}

extension Tensor {
  /// True where the tensor is in memory already, aligned for its elements, and in the type that
  /// `precision` wants.
  fileprivate func isPrepared(for precision: SessionOptions.Precision) -> Bool {
    guard isAligned, case .bytes(let bytes) = storage,
      precision.runtimeType(elementType) == elementType, let count = shape.elementCount,
      let wanted = elementType.byteCount(of: count)
    else { return false }
    return bytes.count >= wanted
  }

  /// False for elements in memory that stand where none of their type may.
  var isAligned: Bool {
    guard case .bytes(let bytes) = storage else { return true }
    return bytes.isAligned(for: elementType)
  }

  /// The tensor in memory, aligned for its elements, and in the type that `precision` wants.
  ///
  /// - Parameter keepsPlace: leaves elements that are not aligned where they are.
  /// - Throws: what loading throws; `invalidData` where the bytes do not fit the shape.
  func prepared(
    for precision: SessionOptions.Precision, keepsPlace: Bool = false
  ) throws(SurgeonError) -> Tensor {
    guard elementType != .string else { return self }
    // A run in Float64 checks a rule's arithmetic: it takes the numbers as the rule computed them.
    if precision.runtimeType(elementType) == .float64, case .deferred(let source) = storage,
      let numbers = source.unroundedNumbers
    {
      return Tensor(numbers, shape: shape)
    }
    var bytes = try bytes()
    guard shape.allSatisfy({ $0 >= 0 }), let wanted = elementType.byteCount(of: count),
      bytes.count >= wanted
    else {
      throw SurgeonError(
        .invalidData, "a tensor of \(elementType.name) \(shape) has \(bytes.count) bytes")
    }
    if !keepsPlace { bytes = bytes.aligned(for: elementType) }
    let plain = Tensor(elementType: elementType, shape: shape, storage: .bytes(bytes))
    let type = precision.runtimeType(elementType)
    guard type != elementType, let numbers = try plain.float64Elements() else { return plain }
    return Tensor(numbers, shape: shape)
  }
}

extension SparseTensor {
  /// The same numbers with the zeros written out.
  ///
  /// - Throws: `invalidData` where an index lies outside of the shape.
  func dense() throws(SurgeonError) -> Tensor {
    guard values.elementType.bitWidth >= 8, let indices = try indices.intElements() else {
      throw SurgeonError(.invalidData, "a sparse tensor needs numbers and integer indices")
    }
    guard let count = shape.elementCount, count < 1 << 40 else {
      throw SurgeonError(.invalidData, "a sparse tensor of shape \(shape) is too large")
    }
    let width = values.elementType.bitWidth / 8
    let source = try values.bytes()
    let isLinear = self.indices.shape.count == 1
    guard indices.count == values.count * (isLinear ? 1 : shape.count) else {
      throw SurgeonError(.invalidData, "a sparse tensor has as many indices as values")
    }
    var positions: [Int] = []
    for entry in 0..<values.count {
      var position = 0
      if isLinear {
        position = indices[entry]
      } else {
        for (axis, size) in shape.enumerated() {
          let index = indices[entry * shape.count + axis]
          guard index >= 0, index < size else {
            throw SurgeonError(.invalidData, "a sparse tensor has an index outside of its shape")
          }
          position = position * size + index
        }
      }
      guard position >= 0, position < count else {
        throw SurgeonError(.invalidData, "a sparse tensor has an index outside of its shape")
      }
      positions.append(position)
    }
    let bytes = TensorBytes(count: count * width) { destination in
      destination.initializeMemory(as: UInt8.self, repeating: 0)
      source.withUnsafeBytes { source in
        for (entry, position) in positions.enumerated() {
          let from = UnsafeRawBufferPointer(
            rebasing: source[(entry * width)..<((entry + 1) * width)])
          UnsafeMutableRawBufferPointer(
            rebasing: destination[(position * width)..<((position + 1) * width)]
          ).copyMemory(from: from)
        }
      }
    }
    return Tensor(elementType: values.elementType, shape: shape, bytes: bytes)
  }
}

extension TensorBytes {
  /// The bytes where an element of `type` may stand, copied if need be.
  func aligned(for type: ElementType) -> TensorBytes {
    isAligned(for: type) ? self : withUnsafeBytes { TensorBytes(copying: $0) }
  }

  fileprivate func isAligned(for type: ElementType) -> Bool {
    UInt(bitPattern: base) % UInt(max(1, type.bitWidth / 8)) == 0
  }
}

extension Datum {
  /// The datum with its elements where they may stand: a constant may have been left where its
  /// file has it.
  func aligned() -> Datum {
    guard case .tensor(let tensor) = self, !tensor.isAligned,
      case .bytes(let bytes) = tensor.storage
    else { return self }
    return .tensor(
      Tensor(
        elementType: tensor.elementType, shape: tensor.shape,
        storage: .bytes(bytes.aligned(for: tensor.elementType))))
  }
}
