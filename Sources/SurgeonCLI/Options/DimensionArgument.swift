internal import ArgumentParser

/// `NAME=N`: a size for a symbolic dimension.
struct DimensionArgument: ExpressibleByArgument {
  var name: String
  var size: Int

  init?(argument: String) {
    guard let separator = argument.lastIndex(of: "="), separator != argument.startIndex,
      let size = Int(argument[argument.index(after: separator)...]), size >= 0
    else { return nil }
    name = String(argument[..<separator])
    self.size = size
  }
}

extension [DimensionArgument] {
  var sizes: [String: Int] {
    Dictionary(map { ($0.name, $0.size) }, uniquingKeysWith: { _, last in last })
  }
}
