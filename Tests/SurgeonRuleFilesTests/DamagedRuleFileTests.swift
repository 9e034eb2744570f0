internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRuleFiles
internal import SurgeonVerify
internal import Testing

private let whole = """
  rule gelu "the parts of a Gelu" {
    match { y = Mul (Mul (x, 0.5), Add (Erf (Div (x, root)), 1)) }
    or { h = Mul (x, 0.5)  y = Mul | Div (h, Add (Erf (Mul (x, part)), 1)) }
    where { equals root 1.4142 within 0.001; equals part 0.7071 within 0.001; rank x 1 up }
    replace { y = Gelu <approximate = "none"> (x) }
    fidelity rounding
  }
  rule fold "a BatchNormalization goes into the Conv before it" {
    match {
      c = Conv <group = @g, others...> (x, w)
      y = BatchNormalization <epsilon = @e> (c, gamma, beta, mean, var)
    }
    where { constant w, gamma, beta, mean, var;  used_once c;  shape w [?, 3, 1, 1];
      equals @g 1;  type x float, double;  per_channel gamma of c;  opset 9 to 18 }
    replace {
      k = Div (gamma, Sqrt (Add (var, Constant <value_float = @e> ())))
      y = Conv <group = @g, others...> (x, Mul (w, Reshape (k, [-1, 1, 1, 1])), Sub (beta, k))
    }
    fidelity rounding
  }
  rule join "one Concat of one input less" {
    match { a = Concat <axis = 0> (first, second) y = Concat <axis = 0> (a, others...) }
    where { used_only_inside a; same_shape first, second }
    replace { y = Concat <axis = 0> (first, second, others...) }
    fidelity exact
  }
  """

/// Words, numbers, strings, signs and the spaces between them.
private func tokens(_ text: String) -> [String] {
  var result: [String] = []
  for character in text {
    let joins = { (other: Character) in other.isLetter || other.isNumber || other == "_" }
    if let last = result.last?.last, joins(last), joins(character) {
      result[result.count - 1].append(character)
    } else {
      result.append(String(character))
    }
  }
  return result
}

@Suite struct DamagedRuleFileTests {
  private func check(_ text: String) {
    do throws(SurgeonError) {
      _ = try RuleFile.parse(text, name: "my.rules", evaluator: RuntimeEvaluator())
    } catch {
      let isPlaced =
        error.location.first == "my.rules" && error.location.last?.hasPrefix("line ") == true
      #expect(error.code == .syntax && isPlaced && !error.message.isEmpty, "\(error)\n\(text)")
    }
  }

  @Test func `the whole file is right`() throws {
    let rules = try RuleFile.parse(whole, name: "my.rules", evaluator: RuntimeEvaluator())
    #expect(rules.map(\.name) == ["gelu", "fold", "join"])
  }

  @Test func `a file that ends anywhere is an error with its place`() {
    for length in 0..<whole.count { check(String(whole.prefix(length))) }
  }

  @Test func `any token lost, doubled or changed is an error with its place, or another rule`() {
    let words = tokens(whole)
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    func roll(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(bound))
    }
    let strange = [
      "@", "...", "<", ">", "(", ")", "[", "]", "{", "}", "\"", "99999999999999999999",
      "-", "e", "nan", "float", "é", "\u{0}", "or", "=", ";", "|", ".", "#", "1e999",
    ]
    for _ in 0..<2500 {
      var damaged = words
      for _ in 0...roll(2) {
        let place = roll(damaged.count)
        switch roll(5) {
        case 0: damaged.remove(at: place)
        case 1: damaged.insert(damaged[place], at: place)
        case 2: damaged[place] = words[roll(words.count)]
        case 3: damaged.swapAt(place, roll(damaged.count))
        default: damaged[place] = strange[roll(strange.count)]
        }
      }
      check(damaged.joined())
    }
  }
}
