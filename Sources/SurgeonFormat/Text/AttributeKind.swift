internal import SurgeonIR

/// The types of attributes, by the names that the textual syntax gives them.
enum AttributeKind: String, CaseIterable {
  case float, int, string, tensor, graph, floats, ints, strings, tensors, graphs
  case sparseTensor = "sparse_tensor"
  case sparseTensors = "sparse_tensors"
  case type = "type_proto"
  case types = "type_protos"

  /// The standard's code: the position in the order above, from 1.
  var code: Int32 { Int32(1 + (Self.allCases.firstIndex(of: self) ?? -1)) }

  init?(code: Int32) {
    guard let match = Self.allCases.first(where: { $0.code == code }) else { return nil }
    self = match
  }

  /// The type of a list's elements.
  var element: AttributeKind? {
    switch self {
    case .floats: .float
    case .ints: .int
    case .strings: .string
    case .tensors: .tensor
    case .graphs: .graph
    case .sparseTensors: .sparseTensor
    case .types: .type
    default: self
    }
  }

  var emptyList: Attribute.Payload? {
    switch self {
    case .floats: .floats([])
    case .ints: .ints([])
    case .strings: .strings([])
    case .tensors: .tensors([])
    case .graphs: .graphs([])
    case .sparseTensors: .sparseTensors([])
    case .types: .types([])
    default: nil
    }
  }
}

extension GraphText.AttributeText.Payload {
  /// nil for a reference, which takes the type of what it refers to.
  var kind: AttributeKind? {
    switch self {
    case .plain(.reference): nil
    case .plain(let payload): AttributeKind(code: Int32(bitPattern: payload.typeCode))
    case .graph: .graph
    case .graphs: .graphs
    }
  }

  /// A list of elements that are all of one type.
  init(listOf elements: [Self]) {
    var floats: [Float] = []
    var ints: [Int64] = []
    var strings: [[UInt8]] = []
    var tensors: [Tensor] = []
    var types: [ValueType] = []
    var graphs: [GraphText] = []
    for element in elements {
      switch element {
      case .plain(.float(let number)): floats.append(number)
      case .plain(.int(let number)): ints.append(number)
      case .plain(.string(let text)): strings.append(text)
      case .plain(.tensor(let tensor)): tensors.append(tensor)
      case .plain(.type(let type)): types.append(type)
      case .graph(let graph): graphs.append(graph)
      default: break
      }
    }
    switch elements.first?.kind {
    case .float: self = .plain(.floats(floats))
    case .int: self = .plain(.ints(ints))
    case .string: self = .plain(.strings(strings))
    case .tensor: self = .plain(.tensors(tensors))
    case .type: self = .plain(.types(types))
    default: self = .graphs(graphs)
    }
  }
}
