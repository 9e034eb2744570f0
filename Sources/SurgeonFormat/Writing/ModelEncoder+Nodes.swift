internal import COnnx
internal import CProtobufC
internal import SurgeonIR

extension ModelEncoder {
  /// A NodeProto that was changed, or is new.
  mutating func node(_ id: Node.ID) throws(SurgeonError) -> PieceList {
    let node = model[id]
    var message = Onnx__NodeProto()
    onnx__node_proto__init(&message)
    let inputs = node.inputs.map { $0.map { model[$0].name } ?? "" }
    let outputs = node.outputs.map { $0.map { model[$0].name } ?? "" }
    message.n_input = inputs.count
    message.input = packer.texts(inputs)
    message.n_output = outputs.count
    message.output = packer.texts(outputs)
    message.name = packer.text(node.name)
    message.op_type = packer.requiredText(node.opType)
    message.domain = packer.text(node.domain)
    message.overload = packer.text(node.overload)
    message.doc_string = packer.text(node.docString)
    message.n_metadata_props = node.metadata.count
    message.metadata_props = packer.pairs(node.metadata)
    var pieces = PieceList()
    pieces.append(packer.pack(message))
    for attribute in node.attributes { try append(attribute, field: 5, to: &pieces) }
    pieces.append(node.unrecognized)
    return pieces
  }

  mutating func append(
    _ attribute: Attribute, field number: UInt32, to pieces: inout PieceList
  ) throws(SurgeonError) {
    if sink == nil || attribute.graphs.isEmpty, let source, let range = range(attribute.origin) {
      pieces.append(field: number, of: source.file, range)
    } else {
      pieces.append(field: number, try self.attribute(attribute))
    }
  }

  private mutating func attribute(_ attribute: Attribute) throws(SurgeonError) -> PieceList {
    var message = Onnx__AttributeProto()
    onnx__attribute_proto__init(&message)
    message.name = packer.requiredText(attribute.name)
    message.doc_string = packer.text(attribute.docString)
    message.has_type = 1
    message.type = Onnx__AttributeProto__AttributeType(attribute.payload.typeCode)
    var large = PieceList()
    switch attribute.payload {
    case .float(let number):
      message.has_f = 1
      message.f = number
    case .int(let number):
      message.has_i = 1
      message.i = number
    case .string(let bytes):
      message.has_s = 1
      message.s = packer.data(bytes)
    case .floats(let numbers):
      message.n_floats = numbers.count
      message.floats = packer.array(numbers)
    case .ints(let numbers):
      message.n_ints = numbers.count
      message.ints = packer.array(numbers)
    case .strings(let strings):
      message.n_strings = strings.count
      message.strings = packer.array(strings.map(packer.data))
    case .type(let type): message.tp = packer.pointer(packer.type(type))
    case .types(let types):
      message.n_type_protos = types.count
      message.type_protos = packer.list(types.map(packer.type))
    case .reference(let name, _): message.ref_attr_name = packer.requiredText(name)
    case .tensor, .sparseTensor, .tensors, .sparseTensors, .graph, .graphs, .unknown: break
    }
    var pieces = PieceList()
    pieces.append(packer.pack(message))
    switch attribute.payload {
    case .tensor(let tensor): try append(tensor, named: nil, field: 5, to: &large)
    case .sparseTensor(let tensor): try append(tensor, named: nil, field: 22, to: &large)
    case .tensors(let tensors):
      for tensor in tensors { try append(tensor, named: nil, field: 10, to: &large) }
    case .sparseTensors(let tensors):
      for tensor in tensors { try append(tensor, named: nil, field: 23, to: &large) }
    case .graph(let body): try append(body, field: 6, to: &large)
    case .graphs(let bodies): for body in bodies { try append(body, field: 11, to: &large) }
    default: break
    }
    pieces.append(large)
    pieces.append(attribute.unrecognized)
    return pieces
  }

  private mutating func append(
    _ body: Graph.ID, field number: UInt32, to pieces: inout PieceList
  ) throws(SurgeonError) {
    if sink == nil, let source, let range = range(model[body].origin) {
      pieces.append(field: number, of: source.file, range)
    } else {
      pieces.append(field: number, try graph(body))
    }
  }
}

extension Attribute.Payload {
  /// The code that the standard's `AttributeType` gives the type.
  var typeCode: UInt32 {
    switch self {
    case .float: 1
    case .int: 2
    case .string: 3
    case .tensor: 4
    case .graph: 5
    case .floats: 6
    case .ints: 7
    case .strings: 8
    case .tensors: 9
    case .graphs: 10
    case .sparseTensor: 11
    case .sparseTensors: 12
    case .type: 13
    case .types: 14
    case .reference(_, let code), .unknown(let code): UInt32(bitPattern: code)
    }
  }
}
