// swift-tools-version: 6.1
import PackageDescription

/// Every Swift target is compiled the same way: an import is visible only where it is declared,
/// and an existential is spelled `any`.
let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
]

/// A Swift library target. Its dependencies are the import directions of docs/architecture.md.
func library(_ name: String, imports dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// The tests of one target, in the folder of the same name under Tests/.
///
/// - Parameter files: what is beside the sources and no source.
func tests(
  of name: String, files: [String] = [], using dependencies: [Target.Dependency] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: [.byName(name: name), "SurgeonTestSupport"] + dependencies,
    exclude: files, swiftSettings: swiftSettings)
}

let package = Package(
  name: "surgeon",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "surgeon", targets: ["SurgeonTool"]),
    .library(name: "Surgeon", targets: ["Surgeon"]),
    .library(name: "SurgeonCLI", targets: ["SurgeonCLI"]),
    .library(name: "SurgeonTesting", targets: ["SurgeonTesting"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    // C libraries of the system, and the C that Swift cannot say.
    .systemLibrary(
      name: "CProtobufC", pkgConfig: "libprotobuf-c",
      providers: [.apt(["libprotobuf-c-dev"]), .brew(["protobuf-c"])]),
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"]), .brew(["onednn"])]),
    .systemLibrary(
      name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"]), .brew(["libzip"])]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CTurboJPEG", pkgConfig: "libturbojpeg",
      providers: [.apt(["libturbojpeg0-dev"]), .brew(["jpeg-turbo"])]),
    .target(name: "COnnx", dependencies: ["CProtobufC"], exclude: ["onnx.proto", "regenerate.sh"]),
    .target(name: "CFileSystem"),
    .target(name: "CKernels"),
    .target(name: "CDnnlLoader", dependencies: ["COneDNN"]),

    // The library, in the order of its imports.
    library("SurgeonLibc"),
    library("SurgeonThreads", imports: ["SurgeonLibc", "CDnnlLoader", "CKernels"]),
    library("SurgeonIR", imports: ["SurgeonLibc"]),
    library(
      "SurgeonFormat",
      imports: [
        "SurgeonLibc", "SurgeonIR", "SurgeonThreads", "COnnx", "CProtobufC", "CFileSystem",
      ]),
    library("SurgeonShapes", imports: ["SurgeonIR"]),
    library("SurgeonRewrite", imports: ["SurgeonIR", "SurgeonShapes"]),
    library(
      "SurgeonRules", imports: ["SurgeonLibc", "SurgeonIR", "SurgeonShapes", "SurgeonRewrite"]),
    library(
      "SurgeonRuleFiles",
      imports: ["SurgeonLibc", "SurgeonIR", "SurgeonFormat", "SurgeonShapes", "SurgeonRewrite"]),
    library("SurgeonImages", imports: ["CPNG", "CTurboJPEG"]),
    library(
      "SurgeonRuntime",
      imports: [
        "SurgeonLibc", "SurgeonImages", "SurgeonIR", "SurgeonShapes", "SurgeonThreads",
        "CDnnlLoader", "CKernels",
      ]),
    library("SurgeonDiff", imports: ["SurgeonIR", "SurgeonThreads"]),
    library(
      "SurgeonData",
      imports: ["SurgeonLibc", "SurgeonIR", "SurgeonFormat", "SurgeonImages", "CZip"]),
    library(
      "SurgeonVerify",
      imports: [
        "SurgeonLibc", "SurgeonIR", "SurgeonShapes", "SurgeonRewrite", "SurgeonRules",
        "SurgeonRuntime", "SurgeonData", "SurgeonDiff",
      ]),
    library(
      "SurgeonCalibrate",
      imports: [
        "SurgeonLibc", "SurgeonIR", "SurgeonFormat", "SurgeonShapes", "SurgeonRewrite",
        "SurgeonRules", "SurgeonRuntime", "SurgeonThreads", "SurgeonData", "CFileSystem",
      ]),
    library(
      "Surgeon",
      imports: [
        "SurgeonIR", "SurgeonFormat", "SurgeonShapes", "SurgeonRewrite",
        "SurgeonRules", "SurgeonRuleFiles", "SurgeonRuntime", "SurgeonData", "SurgeonDiff",
        "SurgeonVerify", "SurgeonCalibrate",
      ]),
    library(
      "SurgeonTesting",
      imports: [
        "SurgeonIR", "SurgeonFormat", "SurgeonRewrite", "SurgeonData", "SurgeonRuntime",
        "SurgeonVerify",
      ]),
    library(
      "SurgeonCLI",
      imports: [
        "SurgeonLibc", "SurgeonIR", "SurgeonFormat", "SurgeonShapes", "SurgeonRewrite",
        "SurgeonRules", "SurgeonRuleFiles", "SurgeonRuntime", "SurgeonData", "SurgeonDiff",
        "SurgeonVerify", "SurgeonCalibrate",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "SurgeonConformance",
      dependencies: ["SurgeonLibc", "SurgeonIR", "SurgeonFormat", "SurgeonRuntime"],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "SurgeonTool", dependencies: ["SurgeonCLI"], swiftSettings: swiftSettings),
    // A benchmark; in a package of its own everything would be compiled a second time.
    .executableTarget(
      name: "RewriteScale", dependencies: ["Surgeon"], path: "Benchmarks/RewriteScale",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "MachinePeak", dependencies: ["CKernels"], path: "Benchmarks/MachinePeak"),

    // The example, so that its tests run without everything being compiled a second time.
    .target(
      name: "CustomRules", dependencies: ["Surgeon"],
      path: "Examples/CustomRule/Sources/CustomRules"),
    .testTarget(
      name: "CustomRulesTests", dependencies: ["CustomRules", "SurgeonTesting"],
      path: "Examples/CustomRule/Tests/CustomRulesTests"),

    // Tests: one folder per target.
    .target(
      name: "SurgeonTestSupport",
      dependencies: ["SurgeonIR", "SurgeonFormat"],
      path: "Tests/SurgeonTestSupport", swiftSettings: swiftSettings),
    tests(of: "SurgeonIR"),
    tests(of: "SurgeonFormat"),
    tests(of: "SurgeonShapes"),
    tests(
      of: "SurgeonRewrite",
      using: [
        "SurgeonIR", "SurgeonFormat", "SurgeonRules", "SurgeonRuntime", "SurgeonData",
        "SurgeonTesting",
        "SurgeonVerify",
      ]),
    tests(
      of: "SurgeonRules", using: ["SurgeonFormat", "SurgeonIR", "SurgeonRewrite", "SurgeonRuntime"]),
    tests(
      of: "SurgeonRuleFiles",
      using: ["SurgeonIR", "SurgeonFormat", "SurgeonRewrite", "SurgeonVerify"]),
    tests(
      of: "SurgeonRuntime", using: ["SurgeonFormat", "SurgeonIR", "SurgeonThreads", "CKernels"]),
    tests(of: "SurgeonImages"),
    tests(of: "SurgeonData"),
    tests(of: "SurgeonDiff", using: ["SurgeonIR", "SurgeonFormat"]),
    tests(
      of: "SurgeonCalibrate",
      using: ["SurgeonIR", "SurgeonFormat", "SurgeonData", "SurgeonRules", "SurgeonRuntime"]),
    tests(
      of: "SurgeonVerify",
      using: [
        "SurgeonIR", "SurgeonFormat", "SurgeonData", "SurgeonDiff", "SurgeonRules",
        "SurgeonRuntime",
      ]),
    tests(
      of: "SurgeonCLI",
      files: ["Help"],
      using: [
        "SurgeonLibc", "SurgeonIR", "SurgeonFormat", "SurgeonData",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ]
)
