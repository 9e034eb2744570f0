internal import ArgumentParser
internal import SurgeonData

/// How images become inputs.
struct ImageOptionGroup: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Subtracted from pixels of 0 to 1: one number, or one per channel. (default: 0)",
      valueName: "m,..."))
  var mean: NumbersArgument?

  @Option(
    help: ArgumentHelp(
      "What the rest is divided by: one number, or one per channel. (default: 1)",
      valueName: "s,..."))
  var std: NumbersArgument?

  @Option(help: ArgumentHelp("Where channels stand. (default: as the input's shape tells)"))
  var layout: ImageOptions.Layout?

  @Option(
    help: ArgumentHelp("Stretch all images to this size. (default: none)", valueName: "h x w"))
  var size: SizeArgument?

  func validate() throws {
    if let std, std.numbers.contains(where: { $0 <= 0 }) {
      throw ValidationError("--std must be positive")
    }
  }

  /// The options on the command line.
  var given: [String] {
    let all = [
      ("--mean", mean != nil), ("--std", std != nil), ("--layout", layout != nil),
      ("--size", size != nil),
    ]
    return all.filter(\.1).map(\.0)
  }

  var options: ImageOptions {
    var options = ImageOptions()
    if let mean { options.mean = mean.numbers }
    if let std { options.std = std.numbers }
    options.layout = layout
    options.size = size?.size
    return options
  }
}

/// `0.485,0.456,0.406`
struct NumbersArgument: ExpressibleByArgument {
  let numbers: [Double]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { part in
      Double(part.filter { $0 != " " })
    }
    numbers = parts.compactMap { $0 }
    guard numbers.count == parts.count, numbers.allSatisfy(\.isFinite) else { return nil }
  }
}

/// `224x320`: rows by columns; `224`: a square.
struct SizeArgument: ExpressibleByArgument {
  let size: ImageOptions.Size

  init?(argument: String) {
    let parts = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard let height = parts.first ?? nil, let width = parts.last ?? nil, parts.count <= 2,
      (1..<1 << 20).contains(height), (1..<1 << 20).contains(width)
    else { return nil }
    size = ImageOptions.Size(height: height, width: width)
  }
}
