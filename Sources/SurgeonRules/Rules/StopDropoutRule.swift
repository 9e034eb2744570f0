internal import SurgeonIR
public import SurgeonRewrite

extension RewriteRule {
  /// A Dropout in training mode is put into inference mode: it then passes its input on, and no
  /// element is dropped. The function changes, which is the purpose.
  ///
  /// Before: `y = Dropout(x, ratio, training_mode)` with a training_mode that is true
  ///
  /// After: `y = Dropout(x, ratio)`
  ///
  /// A mask that is read is true everywhere from then on. Where a caller or another node decides the
  /// mode, it is left to them.
  public static func stopDropout(of selection: NodeSelection = .all) -> RewriteRule {
    let dropout = Capture<Node.ID>("dropout")
    return .editing(
      "stop-dropout", "a Dropout in training mode drops no longer: it passes its input on",
      fidelity: .approximate,
      pattern: Op.Dropout(Op.anything, Op.rest).withAnyOutputs.as(dropout), subject: dropout,
      conditions: selection.conditions(on: dropout) + [
        Condition("the Dropout is in training mode", about: dropout.name) { match, context in
          try context.model.isTrainingDropout(match[dropout])
        }
      ]
    ) { match, context, patch in
      if context.opset() ?? 1 < 7 {
        patch.setAttribute(.int("is_test", 1), of: match[dropout])
      } else {
        patch.setInput(2, of: match[dropout], to: nil)
      }
    }
  }
}
