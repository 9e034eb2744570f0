internal import SurgeonIR

/// An array in a file: its header, and tensors made of its rows on demand.
final class StoredArray {
  /// File and array, for messages.
  let place: String
  let header: NpyHeader
  private let bytes: any ArrayBytes
  /// True where the bytes in the file are those of the tensor, and are mapped.
  var isMapped: Bool { bytes is NpyFile && !header.isFortranOrder && !header.element.isBigEndian }
  /// The elements in row-major order, of an array that was saved in Fortran's: every row of it is
  /// strewn over the whole file, so the array is turned round once and kept.
  private var turned: TensorBytes?

  init(place: String, header: NpyHeader, bytes: any ArrayBytes) {
    self.place = place
    self.header = header
    self.bytes = bytes
  }

  /// The rows `range` (indices of the leading dimension; nil for the whole array) as a tensor.
  ///
  /// - Parameter wanted: the model's element type, which decides what opaque bytes are.
  func tensor(rows range: Range<Int>?, wanted: ElementType?) throws(SurgeonError) -> Tensor {
    do throws(SurgeonError) {
      guard let type = header.element.elementType(wanted: wanted) else {
        throw SurgeonError(
          .invalidData, "the array holds \(header.element.width)-byte elements of an unknown type",
          detail: wanted.map { "the model wants \($0.name)" })
      }
      var shape = header.shape
      var rows = 0..<header.dataCount
      if let range {
        let rowCount = shape[1...].reduce(header.element.width, *)
        shape[0] = range.count
        rows = range.lowerBound * rowCount..<range.upperBound * rowCount
      }
      let raw = header.isFortranOrder && shape.count > 1 ? try rowMajor()[rows] : try read(rows)
      guard type == .string else {
        return Tensor(elementType: type, shape: shape, bytes: raw)
      }
      return Tensor(
        elementType: .string, shape: shape, storage: .strings(raw.withUnsafeBytes(strings)))
    } catch {
      throw error.within(place)
    }
  }

  private func read(_ range: Range<Int>) throws(SurgeonError) -> TensorBytes {
    let raw = try bytes.read(range)
    guard header.element.isBigEndian, header.element.swapWidth > 1 else { return raw }
    let width = header.element.swapWidth
    return TensorBytes(count: raw.count) { target in
      raw.withUnsafeBytes { source in
        for start in stride(from: 0, to: source.count, by: width) {
          for byte in 0..<width { target[start + byte] = source[start + width - 1 - byte] }
        }
      }
    }
  }

  private func rowMajor() throws(SurgeonError) -> TensorBytes {
    if let turned { return turned }
    let source = try read(0..<header.dataCount)
    let width = header.element.width
    let shape = header.shape
    let result = TensorBytes(count: source.count) { target in
      source.withUnsafeBytes { source in
        var index = [Int](repeating: 0, count: shape.count)
        // Strides of Fortran's order: the first dimension varies fastest.
        var strides = [Int](repeating: width, count: shape.count)
        for axis in 1..<shape.count { strides[axis] = strides[axis - 1] * shape[axis - 1] }
        var from = 0
        for to in stride(from: 0, to: source.count, by: max(width, 1)) {
          for byte in 0..<width { target[to + byte] = source[from + byte] }
          var axis = shape.count - 1
          while axis >= 0 {
            index[axis] += 1
            from += strides[axis]
            if index[axis] < shape[axis] { break }
            from -= strides[axis] * shape[axis]
            index[axis] = 0
            axis -= 1
          }
        }
      }
    }
    turned = result
    return result
  }

  /// Elements of an `S` or `U` array without their padding, the latter as UTF-8.
  private func strings(_ raw: UnsafeRawBufferPointer) -> [[UInt8]] {
    let width = header.element.width
    guard width > 0 else { return [[UInt8]](repeating: [], count: header.count) }
    return stride(from: 0, to: raw.count, by: width).map { start in
      let element = UnsafeRawBufferPointer(rebasing: raw[start..<start + width])
      guard header.element.kind == .unicodeString else {
        return Array(element[..<((element.lastIndex { $0 != 0 } ?? -1) + 1)])
      }
      var scalars = (0..<width / 4).map {
        UInt32(littleEndian: element.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))
      }
      while scalars.last == 0 { scalars.removeLast() }
      return scalars.flatMap { Array(String(Unicode.Scalar($0) ?? "\u{FFFD}").utf8) }
    }
  }
}
