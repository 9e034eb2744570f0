public import SurgeonIR

/// ONNX's textual syntax, as docs/Syntax.md of the onnx repository defines it:
///
///     <ir_version: 8, opset_import: ["" : 17]>
///     scaled (float[N, 4] x) => (float[N, 4] y) <float[4] scale = {1, 2, 3, 4}> {
///       y = Mul (x, scale)
///     }
public enum OnnxText {
  /// Reads a model.
  ///
  /// What the onnx package's parser accepts is accepted. In addition names must be defined, a
  /// constant must have as many elements as its shape says (or `{}`, none, which only reading
  /// them turns into an error), and lists of tensors and graphs are kept.
  ///
  /// - Throws: `syntax` with line, column and the line itself; `invalidGraph` for a cycle.
  public static func parse(_ text: String) throws(SurgeonError) -> Model {
    try parse(text, directory: nil)
  }

  static func parse(_ text: String, directory: String?) throws(SurgeonError) -> Model {
    var parser = TextParser(text, directory: directory)
    let parsed = try parser.model()
    var builder = TextModelBuilder(parsed.header, parser.scanner)
    try builder.build(parsed.graph, as: builder.model.mainGraph)
    for function in parsed.functions { try builder.build(function) }
    return builder.model
  }

  public struct PrintOptions: Sendable {
    /// Constants with more elements are written `{}`, which a parser reads as a constant without its
    /// numbers.
    public var largestConstant = 16
    /// Constants of other files are written like all others, not as their place.
    var inlinesExternalData = false
    /// What a comment says of a constant whose numbers are left out; nil for no comment.
    public var describe: @Sendable (Tensor) -> String?

    public init(
      largestConstant: Int = 16, describe: @escaping @Sendable (Tensor) -> String? = { _ in nil }
    ) {
      self.largestConstant = largestConstant
      self.describe = describe
    }
  }

  /// A model as text that `parse` reads again.
  ///
  /// Sparse constants, which the syntax lacks, become comments; documentation and metadata of single
  /// nodes and values, which it lacks too, are left out.
  public static func print(_ model: Model, options: PrintOptions = PrintOptions()) -> String {
    var printer = TextPrinter(model, options: options)
    printer.print()
    return printer.text
  }
}
