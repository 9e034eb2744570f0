internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRuleFiles
internal import SurgeonVerify

/// What the tests of rule files share: a rule, a model for it, and its mistakes as text.
enum RuleFileTest {
  static let absorbScale = """
    # Caffe's Scale, first half.
    rule absorb_scale "a per-channel scale after BatchNormalization goes into its parameters" {
      match {
        y = BatchNormalization <epsilon = @eps> (x, gamma, beta, mean, var)
        z = Mul (y, k)
      }
      where { constant gamma, beta, k;  used_once y;  per_channel k of y }
      replace {
        flat = Constant <value_ints = [-1]> ()
        k1 = Reshape (k, flat)
        g2 = Mul (gamma, k1)
        b2 = Mul (beta, k1)
        z = BatchNormalization <epsilon = @eps> (x, g2, b2, mean, var)
      }
      fidelity rounding
    }
    """

  static let scaled = """
    <ir_version: 8, opset_import: ["" : 15]>
    g (float[1,2,3] x) => (float[1,2,3] out)
    <float[2] s = {1, 2}, float[2] b = {3, 4}, float[2] m = {0, 0}, float[2] v = {1, 1},
     float[2,1] k = {10, 100}> {
      n = BatchNormalization <epsilon = 0.5> (x, s, b, m, v)
      out = Mul (k, n)
    }
    """

  static func rules(_ text: String) throws(SurgeonError) -> [RewriteRule] {
    try RuleFile.parse(text, name: "my.rules", evaluator: RuntimeEvaluator())
  }

  static func errorText(_ text: String) -> String {
    do throws(SurgeonError) {
      _ = try rules(text)
      return "no error"
    } catch {
      return error.description
    }
  }
}
