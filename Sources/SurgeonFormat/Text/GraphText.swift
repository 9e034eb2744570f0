package import SurgeonIR

/// A graph as it was written: what the parser makes, before names are resolved. Places are those
/// of `TextScanner`.
package struct GraphText {
  package struct Name {
    package var text: String
    package var place: Int
    /// In a rule file: what stands there instead of a name.
    package var operand: Operand?

    package init(text: String, place: Int) {
      self.text = text
      self.place = place
    }
  }

  /// What an input can be in a rule file besides a name.
  package enum Operand: Sendable {
    /// `0.5`
    case number(Double)
    /// `[1, -1]`
    case numbers([Double])
    /// `x...`: this input and all that follow.
    case rest
    /// The result of a node that is written where it is read: `Sqrt (Add (x, y))`.
    case nested
  }

  package struct TypedName {
    package var name: Name
    package var type: ValueType?
  }

  package struct Initializer {
    package var name: Name
    package var tensor: Tensor
  }

  package struct AttributeText {
    package enum Payload {
      case plain(Attribute.Payload)
      case graph(GraphText)
      case graphs([GraphText])
    }
    package var name: String
    package var payload: Payload
    package var place = 0
  }

  package struct NodeText {
    package var place: Int
    package var name = ""
    package var domain = ""
    package var opType = ""
    package var opPlace = 0
    /// In a rule file: operators that may stand there as well (`Add | Sub`).
    package var alternatives: [Name] = []
    package var overload = ""
    package var inputs: [Name] = []
    package var outputs: [Name] = []
    package var attributes: [AttributeText] = []
    /// In a rule file: `<others...>`, all attributes that are not named.
    package var otherAttributes: Name?
  }

  package var name = ""
  package var inputs: [TypedName] = []
  package var outputs: [TypedName] = []
  package var valueInfos: [TypedName] = []
  package var initializers: [Initializer] = []
  package var nodes: [NodeText] = []
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
