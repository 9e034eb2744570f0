internal import SurgeonIR

/// A graph as it was written: what the parser makes, before names are resolved. Places are those
/// of `TextScanner`.
struct GraphText {
  struct Name {
    var text: String
    var place: Int
  }

  struct TypedName {
    var name: Name
    var type: ValueType?
  }

  struct Initializer {
    var name: Name
    var tensor: Tensor
  }

  struct AttributeText {
    enum Payload {
      case plain(Attribute.Payload)
      case graph(GraphText)
      case graphs([GraphText])
    }
    var name: String
    var payload: Payload
  }

  struct NodeText {
    var place: Int
    var name = ""
    var domain = ""
    var opType = ""
    var overload = ""
    var inputs: [Name] = []
    var outputs: [Name] = []
    var attributes: [AttributeText] = []
  }

  var name = ""
  var inputs: [TypedName] = []
  var outputs: [TypedName] = []
  var valueInfos: [TypedName] = []
  var initializers: [Initializer] = []
  var nodes: [NodeText] = []
}

/// A model-local function as it was written.
struct FunctionText {
  var name = ""
  var domain = ""
  var overload = ""
  var docString = ""
  var opsetImports: [OpsetImport] = []
  var attributeNames: [String] = []
  var attributeDefaults: [GraphText.AttributeText] = []
  /// Inputs, outputs, types and nodes.
  var body = GraphText()
}
