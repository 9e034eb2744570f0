internal import SurgeonFormat
public import SurgeonIR
public import SurgeonRewrite

/// Rules as text, without compiling: pattern and replacement in ONNX's own text syntax.
///
///     rule absorb_scale "a per-channel scale after BatchNormalization goes into its parameters" {
///       match {
///         y = BatchNormalization <epsilon = @eps> (x, gamma, beta, mean, var)
///         z = Mul (y, k)
///       }
///       where { constant gamma, beta, k;  used_once y;  per_channel k of y }
///       replace {
///         k1 = Reshape (k, [-1])
///         g2 = Mul (gamma, k1)
///         b2 = Mul (beta, k1)
///         z = BatchNormalization <epsilon = @eps> (x, g2, b2, mean, var)
///       }
///       fidelity rounding
///     }
///
/// Replacement nodes whose inputs are all constants are computed when the rule applies, in Float64,
/// and their results rounded once. See docs/custom-rules.md for the whole syntax.
public enum RuleFile {
  /// The rules of a text, checked: whatever is wrong is found before any model is touched.
  ///
  /// - Parameters:
  ///   - name: of the file, for messages.
  ///   - evaluator: computes the constants of replacements.
  /// - Throws: `syntax` with file, line, column and a caret.
  public static func parse(
    _ text: String, name: String, evaluator: any ConstantEvaluator
  ) throws(SurgeonError) -> [RewriteRule] {
    do throws(SurgeonError) {
      var parser = RuleFileParser(text)
      var rules: [RewriteRule] = []
      for rule in try parser.rules() {
        let compiler = RuleCompiler(
          rule: rule, file: name, scanner: parser.scanner, evaluator: evaluator)
        rules.append(try compiler.compile())
      }
      return rules
    } catch {
      throw error.within(name)
    }
  }

  /// Reads a rule file.
  ///
  /// - Throws: `io` where it cannot be read; what `parse` throws.
  public static func read(
    path: String, evaluator: any ConstantEvaluator
  ) throws(SurgeonError) -> [RewriteRule] {
    let bytes = try WholeFile.read(path)
    return try parse(String(decoding: bytes, as: UTF8.self), name: path, evaluator: evaluator)
  }
}
