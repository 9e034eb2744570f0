import Foundation
import SurgeonRuntime
import Testing

struct KernelRegistryTests {
  private static let sources = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources/SurgeonRuntime")

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: sources.appending(path: path), encoding: .utf8)
  }

  @Test func `operators are listed once, in alphabetical order`() throws {
    let list = try Self.text("KernelRegistry+Standard.swift")
    let names = list.matches(of: /Operator\(\s*"(\w+)"/).map { String($0.1) }
    #expect(names.count > 150)
    #expect(names == names.sorted { $0.lowercased() < $1.lowercased() })
    #expect(Set(names).count == names.count)
  }

  @Test func `every file of kernels has a line in the registry`() throws {
    let lists =
      try Self.text("KernelRegistry+Standard.swift")
      + Self.text("KernelRegistry+Extensions.swift")
    let files = FileManager.default.enumerator(
      at: Self.sources.appending(path: "Kernels"), includingPropertiesForKeys: nil)
    for case let file as URL in try #require(files) where file.pathExtension == "swift" {
      let source = try String(contentsOf: file, encoding: .utf8)
      let isOperator = source.contains(
        /@Sendable static func|(?:Real|Number)(?:Operator|Function) \{|: Kernel \{/)
      guard isOperator else { continue }
      let types = source.matches(of: /(?:enum|struct) (\w+)/).map { String($0.1) }
      #expect(
        types.contains { lists.contains("\($0).") || lists.contains("\($0)()") },
        "\(file.lastPathComponent) is not registered")
    }
  }

  @Test func `versions grow`() {
    for entry in KernelRegistry.standard.all {
      #expect(entry.versions == entry.versions.sorted(), "\(entry.opType)")
      #expect(!entry.versions.isEmpty, "\(entry.opType)")
    }
  }
}
