internal import SurgeonRules
internal import Testing

struct GlobTests {
  @Test(arguments: [
    ("*", "", true), ("*", "a/b.c", true), ("bn?", "bn1", true), ("bn?", "bn12", false),
    ("/layer[1-3]/*bn*", "/layer2/0/bn1/BatchNormalization", true),
    ("/layer[1-3]/*", "/layer4/x", false), ("[!a]x", "bx", true), ("[!a]x", "ax", false),
    ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXbYbZ", false), ("\\*", "*", true),
    ("\\*", "x", false), ("x[", "x[", true), ("", "", true), ("", "x", false),
  ])
  func `a pattern stands for whole names`(pattern: String, name: String, expected: Bool) {
    #expect(Glob(pattern).matches(name) == expected)
  }
}
