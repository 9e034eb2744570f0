// swift-tools-version: 6.1
import PackageDescription

// A package of rules: a library with two of them, their tests, and a `surgeon` that knows them.
// In a package of your own, name surgeon's repository where this one names the path.
let package = Package(
  name: "CustomRule",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "surgeon", path: "../..")],
  targets: [
    .target(name: "CustomRules", dependencies: [.product(name: "Surgeon", package: "surgeon")]),
    .executableTarget(
      name: "custom-surgeon",
      dependencies: ["CustomRules", .product(name: "SurgeonCLI", package: "surgeon")]),
    .testTarget(
      name: "CustomRulesTests",
      dependencies: ["CustomRules", .product(name: "SurgeonTesting", package: "surgeon")]),
  ]
)
