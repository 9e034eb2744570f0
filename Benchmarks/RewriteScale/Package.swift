// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "RewriteScale",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "surgeon", path: "../..")],
  targets: [
    .executableTarget(
      name: "rewrite-scale", dependencies: [.product(name: "Surgeon", package: "surgeon")])
  ]
)
