internal import SurgeonIR
public import SurgeonRewrite

extension RewriteRule {
  /// A BatchNormalization in training mode is put into inference mode: it then normalises with its
  /// running statistics, whatever the batch. The function changes, which is the purpose.
  ///
  /// Before: `y, m, v = BatchNormalization <training_mode = 1> (x, gamma, beta, mean, var)`
  ///
  /// After: `y = BatchNormalization <training_mode = 0> (x, gamma, beta, mean, var)`
  ///
  /// The further outputs disappear. A running mean or variance that is read stays what it was
  /// before the batch, which is what frozen statistics are; a saved statistic of the batch that is
  /// read (opsets 1 to 13) has no such stand-in, and the rule declines.
  public static func freezeTraining(of selection: NodeSelection = .all) -> RewriteRule {
    let bn = BatchNormPattern()
    let y = Capture<Value.ID>("y")
    let running = [Capture<Value.ID?>("running_mean"), Capture<Value.ID?>("running_var")]
    let saved = [Capture<Value.ID?>("saved_mean"), Capture<Value.ID?>("saved_var")]
    return .editing(
      "freeze-training-mode",
      "BatchNormalization in training mode is frozen: its function changes from the statistics of "
        + "the batch to the running ones",
      fidelity: .approximate,
      pattern: bn.pattern.outputs(y, running[0], running[1], saved[0], saved[1]), subject: bn.node,
      conditions: selection.conditions(on: bn.node) + [
        Condition("the BatchNormalization is in training mode", about: bn.node.name) {
          match, context in try bn.read(match, context).isTraining
        },
        Condition("no statistic of the batch is read", about: bn.node.name) { match, context in
          for capture in saved {
            guard let value = match[capture], !context.model[value].uses.isEmpty else { continue }
            throw Decline(
              "the batch statistic '\(context.model[value].name)' is read; with frozen statistics "
                + "nothing computes it", value: value)
          }
          return true
        },
      ]
    ) { match, context, patch in
      let norm = try bn.read(match, context)
      for (capture, statistic) in zip(running, [norm.mean, norm.variance]) {
        guard let value = match[capture], !context.model[value].uses.isEmpty else { continue }
        // A graph output cannot take over the name of a constant: a copy gives it a producer.
        let copy = patch.op(
          "Identity", [statistic], name: "frozen_statistic", type: context.type(statistic))
        patch.replace(value, with: copy)
      }
      patch.setOutputs(of: norm.node, to: [match[y]])
      if norm.opset >= 14 {
        patch.removeAttribute("training_mode", of: norm.node)
      } else if norm.opset < 7 {
        patch.setAttribute(.int("is_test", 1), of: norm.node)
      }
    }
  }
}
