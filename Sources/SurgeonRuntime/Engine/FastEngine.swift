/// The Float32 engine over oneDNN: a faster kernel for the operators that it has.
enum FastEngine {
  /// A kernel for `node`, or nil where this engine has none.
  ///
  /// Types and shapes are known only when the node runs: a kernel hands what it cannot do (another
  /// element type, an unusual attribute) to `fallback`.
  static func kernel(for node: NodeDescription, fallback: any Kernel) -> (any Kernel)? { nil }
}
