public import SurgeonRewrite

/// The rules that come with the library, in the order in which a user meets them in `--help`.
///
/// Each has a file of its own. A new rule is one file and one line here.
public enum BuiltinRules {
  /// Every rule, for all nodes and with default options.
  public static var all: [RewriteRule] {
    [
      // Inference mode.
      .freezeTraining(),
      .stopDropout(),
      // Frozen statistics.
      .absorbScale(),
      .absorbShift(),
      .foldIntoConv(),
      .foldIntoConvTranspose(),
      .foldIntoGemm(),
      .foldIntoMatMul(),
      .foldIntoNextConv(),
      .frozenAffine(),
      .frozenSplit(),
      // Statistics that keep running.
      .welford(),
      .running(),
      // Statistics of groups of channels.
      .groupNorm(),
      // The way back.
      .statefulToBatchNorm(),
      .callToBatchNorm(),
      .splitToBatchNorm(),
    ]
  }

  /// Rules that prepare a model for the others: what nothing needs goes, what is spelled out becomes
  /// one node again. No surgery runs them unasked.
  ///
  /// - Parameter evaluator: computes constants.
  public static func generic(evaluator: any ConstantEvaluator) -> [RewriteRule] {
    [
      .removeIdentity(),
      .removeDropout(),
      .recomposeBatchNorm(),
      .foldConstants(with: evaluator),
    ]
  }
}
