internal import COnnx
internal import CProtobufC

/// What the scan needs to know of each message: the protobuf-c descriptors as flat tables.
struct Schema {
  struct Rule {
    enum Kind: UInt8 { case unknown, varint, fixed32, fixed64, bytes, text, name, message }
    var kind = Kind.unknown
    var isRepeated = false
    /// The table of a nested message.
    var message = 0
  }

  struct Message {
    var name: String
    /// Indexed by field number; short enough, since the standard's numbers end at 26.
    var rules: [Rule] = []
    var fieldNames: [String] = []
  }

  private(set) var messages: [Message] = []
  let model: Int
  let graph: Int
  let tensor: Int

  static let shared = Schema()

  private init() {
    var builder = Builder()
    var model = Onnx__ModelProto()
    onnx__model_proto__init(&model)
    var graph = Onnx__GraphProto()
    onnx__graph_proto__init(&graph)
    var tensor = Onnx__TensorProto()
    onnx__tensor_proto__init(&tensor)
    self.model = builder.table(of: model.base.descriptor)
    self.graph = builder.table(of: graph.base.descriptor)
    self.tensor = builder.table(of: tensor.base.descriptor)
    messages = builder.messages
  }

  private struct Builder {
    var messages: [Message] = []
    private var known: [UnsafePointer<ProtobufCMessageDescriptor>: Int] = [:]

    mutating func table(of descriptor: UnsafePointer<ProtobufCMessageDescriptor>) -> Int {
      if let index = known[descriptor] { return index }
      let index = messages.count
      known[descriptor] = index
      messages.append(Message(name: String(cString: descriptor.pointee.short_name)))
      let fields = UnsafeBufferPointer(
        start: descriptor.pointee.fields, count: Int(descriptor.pointee.n_fields))
      let length = 1 + (fields.map { Int($0.id) }.max() ?? 0)
      var rules = [Rule](repeating: Rule(), count: length)
      var names = [String](repeating: "", count: length)
      for field in fields {
        let name = String(cString: field.name)
        names[Int(field.id)] = name
        rules[Int(field.id)].isRepeated = field.label == PROTOBUF_C_LABEL_REPEATED
        rules[Int(field.id)].kind = Self.kind(of: field.type, named: name)
        if field.type == PROTOBUF_C_TYPE_MESSAGE, let nested = field.descriptor {
          rules[Int(field.id)].message = table(
            of: nested.assumingMemoryBound(to: ProtobufCMessageDescriptor.self))
        }
      }
      messages[index].rules = rules
      messages[index].fieldNames = names
      return index
    }

    private static func kind(of type: ProtobufCType, named name: String) -> Rule.Kind {
      switch type {
      case PROTOBUF_C_TYPE_MESSAGE: .message
      case PROTOBUF_C_TYPE_BYTES: .bytes
      // Documentation may be in any encoding; everything else is a name that must be comparable.
      case PROTOBUF_C_TYPE_STRING: name == "doc_string" ? .text : .name
      case PROTOBUF_C_TYPE_FLOAT: .fixed32
      case PROTOBUF_C_TYPE_DOUBLE: .fixed64
      default: .varint
      }
    }
  }
}
