internal import SurgeonIR

/// The file a model was read from, and where its messages stand: what the writer needs to give
/// back unchanged messages as the bytes they were.
final class ModelFile: ModelSource {
  let file: SourceFile
  let externalFiles: ExternalFiles
  /// The fields of the ModelProto, in the file's order.
  let fields: [FieldSpan]
  /// What the header said when it was read.
  let header: Model.Header
  /// Indexed by the raw number of a graph's handle.
  let layouts: [GraphLayout?]
  /// Where in the file tensors with external data stand.
  let externalTensors: [Range<Int>]

  var path: String { file.path }

  init(
    file: SourceFile, externalFiles: ExternalFiles, fields: [FieldSpan], header: Model.Header,
    layouts: [GraphLayout?], externalTensors: [Range<Int>]
  ) {
    self.file = file
    self.externalFiles = externalFiles
    self.fields = fields
    self.header = header
    self.layouts = layouts
    self.externalTensors = externalTensors
  }

  func layout(of graph: Graph.ID) -> GraphLayout? {
    let index = Int(graph.raw)
    return layouts.indices.contains(index) ? layouts[index] : nil
  }
}

/// One field of a message of the source file, tag included.
struct FieldSpan: Sendable {
  let number: UInt32
  let whole: Range<Int>
}

/// The fields of a GraphProto or a FunctionProto, in the file's order, and which values of the IR
/// the messages of types belong to.
struct GraphLayout: Sendable {
  /// A ValueInfoProto of the file.
  struct Info: Sendable {
    /// nil where the name denotes no value of this graph.
    let value: Value.ID?
    let origin: Origin
  }

  var fields: [FieldSpan] = []
  var header = Graph.Header()
  var inputs: [Info] = []
  var outputs: [Info] = []
  var valueInfos: [Info] = []
}
