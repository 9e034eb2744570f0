internal import Foundation
internal import SurgeonRewrite
internal import SurgeonRules
internal import Testing

struct BuiltinRulesTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources/SurgeonRules/Rules")

  @Test func `every rule of the folder stands in the list`() throws {
    let list = try String(
      contentsOf: Self.folder.appendingPathComponent("BuiltinRules.swift"), encoding: .utf8)
    let files = FileManager.default.enumerator(at: Self.folder, includingPropertiesForKeys: nil)
    var count = 0
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift" else { continue }
      let source = try String(contentsOf: file, encoding: .utf8)
      for rest in source.components(separatedBy: "  public static func ").dropFirst() {
        guard rest.contains("-> RewriteRule {") else { continue }
        let name = rest.prefix { $0 != "(" }
        count += 1
        #expect(
          list.contains(".\(name)("), "\(file.lastPathComponent): '\(name)' is not in the list")
      }
    }
    #expect(count >= 19)
  }

  @Test func `names are unique and summaries are sentences`() {
    let rules = BuiltinRules.all
    #expect(Set(rules.map(\.name)).count == rules.count)
    for rule in rules {
      #expect(!rule.summary.isEmpty && !rule.summary.hasSuffix("."), "\(rule.name)")
    }
  }
}
