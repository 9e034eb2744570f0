internal import COnnx
internal import SurgeonIR

extension ModelEncoder {
  /// A TensorProto. One that was read is written as it was, save for another name.
  ///
  /// - Parameter name: nil where the name is of no account: in attributes.
  mutating func append(
    _ tensor: Tensor, named name: String?, field number: UInt32, to pieces: inout PieceList
  ) throws(SurgeonError) {
    guard let decoder, let range = range(tensor.origin) else {
      pieces.append(field: number, try message(tensor, named: name))
      return
    }
    guard let name, try self.name(in: range, decoder) != name else {
      pieces.append(field: number, of: decoder.file, range)
      return
    }
    var renamed = PieceList()
    var reader = decoder.fields(in: range)
    while let field = try decoder.next(&reader) {
      if field.number != Self.nameField { renamed.append(decoder.file, field.whole) }
    }
    renamed.append(field: Self.nameField, name.utf8)
    pieces.append(field: number, renamed)
  }

  private static let nameField: UInt32 = 8

  /// The name of the TensorProto that stands at `range`.
  private func name(
    in range: Range<Int>, _ decoder: MessageDecoder
  ) throws(SurgeonError) -> String {
    var name = ""
    var reader = decoder.fields(in: range)
    while let field = try decoder.next(&reader) {
      if field.number == Self.nameField { name = decoder.string(field.payload) }
    }
    return name
  }

  mutating func append(
    _ tensor: SparseTensor, named name: String?, field number: UInt32, to pieces: inout PieceList
  ) throws(SurgeonError) {
    var message = PieceList()
    try append(tensor.values, named: name, field: 1, to: &message)
    try append(tensor.indices, named: nil, field: 2, to: &message)
    if let decoder, let range = range(tensor.origin) {
      // Unchanged but for the name: take everything else from the file.
      var reader = decoder.fields(in: range)
      var merged = PieceList()
      while let field = try decoder.next(&reader) {
        if field.number == 1 {
          try append(tensor.values, named: name, field: 1, to: &merged)
        } else {
          merged.append(decoder.file, field.whole)
        }
      }
      pieces.append(field: number, merged)
      return
    }
    var rest = Onnx__SparseTensorProto()
    onnx__sparse_tensor_proto__init(&rest)
    rest.n_dims = tensor.shape.count
    rest.dims = packer.array(tensor.shape.map(Int64.init))
    message.append(packer.pack(rest))
    pieces.append(field: number, message)
  }

  /// A TensorProto made anew: header, then the elements.
  private mutating func message(
    _ tensor: Tensor, named name: String?
  ) throws(SurgeonError) -> PieceList {
    var pieces = PieceList()
    if case .strings(let strings) = tensor.storage {
      pieces = header(of: tensor, named: name, [])
      for string in strings { pieces.append(field: 6, string) }
      return pieces
    }
    if case .deferred(let elements as ExternalData) = tensor.storage,
      elements.files === source?.externalFiles
    {
      if !externalLocations.contains(elements.location) {
        externalLocations.append(elements.location)
      }
      return header(of: tensor, named: name, elements.entries)
    }
    pieces = header(of: tensor, named: name, [])
    var data = PieceList()
    data.append(try tensor.bytes())
    pieces.append(field: 9, data)
    return pieces
  }

  /// Everything of a TensorProto but its elements.
  ///
  /// - Parameter external: where the elements are, if they are in another file.
  func header(of tensor: Tensor, named name: String?, _ external: [StringPair]) -> PieceList {
    var message = Onnx__TensorProto()
    onnx__tensor_proto__init(&message)
    message.n_dims = tensor.shape.count
    message.dims = packer.array(tensor.shape.map(Int64.init))
    message.has_data_type = 1
    message.data_type = tensor.elementType.rawValue
    message.name = name.map { packer.requiredText($0) }
    message.doc_string = packer.text(tensor.docString)
    if !external.isEmpty {
      message.n_external_data = external.count
      message.external_data = packer.pairs(external)
      message.has_data_location = 1
      message.data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL
    }
    var pieces = PieceList()
    pieces.append(packer.pack(message))
    return pieces
  }
}
