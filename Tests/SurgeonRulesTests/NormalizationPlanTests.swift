internal import SurgeonIR
internal import SurgeonRules
internal import Testing

struct NormalizationPlanTests {
  private let text = """
    # Stem, body and head apart.
    version = 1

    [[nodes]]
    match = ["/stem/*", 'conv1_bn']   # two names
    to = "groupnorm"
    groups = 8
    ops = "primitive"

    [[nodes]]
    match = "/body/*"
    except = "/body/last*"
    to = "welford"
    count = "capped"
    max-count = "infinite"

    [[nodes]]
    form = "fold"
    """

  @Test func `the first entry that matches decides`() throws {
    let plan = try NormalizationPlan.parse(text)
    #expect(plan.entries.count == 3)
    #expect(plan.options(for: "/stem/0/bn")?.target == .groupnorm)
    #expect(plan.options(for: "/stem/0/bn")?.grouping == .groups(8))
    #expect(plan.options(for: "conv1_bn")?.operators == .primitive)
    #expect(plan.options(for: "/body/1")?.welford.maximum == .infinity)
    #expect(plan.options(for: "/body/1")?.welford.count == .capped)
    #expect(plan.options(for: "/body/last1")?.form == .fold)
    #expect(plan.options(for: "/body/last1")?.target == .frozen)
  }

  @Test func `a plan that is printed reads as itself in both notations`() throws {
    let plan = try NormalizationPlan.parse(text)
    #expect(try NormalizationPlan.parse(plan.toml) == plan)
    #expect(try NormalizationPlan.parse(plan.json) == plan)
    let single = NormalizationPlan(
      NormalizationOptions(target: .running, momentum: 0.99))
    #expect(
      single.toml == """
        version = 1

        [[nodes]]
        match = "*"
        to = "running"
        momentum = 0.99
        init = "pretrained"
        normalize-with = "updated"

        """)
  }

  private func message(_ text: String) -> String {
    do {
      _ = try NormalizationPlan.parse(text)
      return "none"
    } catch {
      return error.description
    }
  }

  @Test func `a mistake is named with its place`() {
    #expect(
      message("version = 1\n[[nodes]]\nmatch = {a = 1}")
        == "error: the plan does not parse\n  at line 3: inline tables are not read")
    #expect(message("") == "error: the plan has no 'version = 1'")
    #expect(
      message("version = 1\n[[nodes]]\nto = \"groupnrm\"")
        == "error: one of frozen, welford, running, groupnorm, layernorm, instancenorm, batchnorm, "
        + "keep expected\n  at nodes[0] > 'to': the plan says \"groupnrm\"")
    #expect(
      message("version = 1\n[[nodes]]\ngroups = 2")
        == "error: the key has no say in what 'frozen' makes\n  at nodes[0] > 'groups'\n"
        + "hint: it goes with to = \"groupnorm\"")
    #expect(
      message(
        "version = 1\n[[nodes]]\nto = \"groupnorm\"\ngroups = 2\nchannels-per-group = 2"
      ).contains("exclude each other"))
    #expect(message("version = 1\n[[nodes]]\ngroups = 0").contains("a whole number above 0"))
    #expect(message("{\"version\": 1, \"nodes\": [{\"to\": \"x\\u00").contains("line 1"))
  }

  @Test func `escapes are those of JSON`() throws {
    #expect(
      try PlanValue.parse(json: #"["\u00e9\ud83d\ude00\n\"", -1.5e2, true, null]"#)
        == .array([.string("\u{e9}\u{1F600}\n\""), .number(-150), .bool(true), .null]))
    #expect(PlanValue.string("a\"\u{1}").json == #""a\"\u0001""#)
  }
}
