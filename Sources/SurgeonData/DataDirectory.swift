internal import SurgeonIR

/// A directory of data: test data, arrays named like the inputs, images, or sets one after the
/// other.
struct DataDirectory {
  let path: String
  let inputs: [ModelInput]
  let options: DataOptions

  func open() throws(SurgeonError) -> any SampleSource {
    let names = try Directory.names(in: path)
    if TestData.isTestData(names, for: inputs) {
      return try TestData(
        path: path, names: names, inputs: inputs, dimensions: options.dimensions)
    }
    if let source = try namedArrays(names) { return source }
    let images = names.filter(ImageFiles.isImage)
    let slot = ReopenedSource.Slot()
    var sources: [any SampleSource] = []
    for name in names {
      let path = "\(path)/\(name)"
      let isArray = name.hasSuffix(".npy") || name.hasSuffix(".npz")
      if isArray || (Directory.isDirectory(path) && Self.holdsData(path)) {
        let (inputs, options) = (inputs, options)
        sources.append(
          try ReopenedSource(path: path, slot: slot) { (path) throws(SurgeonError) in
            try DataSource.open(path, inputs: inputs, options: options)
          })
      }
    }
    if !images.isEmpty {
      sources.append(
        try ImageFiles(images.map { "\(path)/\($0)" }, for: inputs, options: options))
    }
    guard !sources.isEmpty else {
      throw SurgeonError(
        .invalidData, "'\(path)' holds no data",
        hint: "expected .npy or .npz files, images, input_0.pb, ..., or directories of those")
    }
    return ConcatenatedSource(sources)
  }

  /// One .npy per input, named like it; nil where an input that needs data has none.
  private func namedArrays(_ names: [String]) throws(SurgeonError) -> (any SampleSource)? {
    let present = Set(names)
    var unused = names.filter { $0.hasSuffix(".npy") }
    var arrays: [(input: ModelInput, array: StoredArray)] = []
    for input in inputs {
      let name = ArrayNaming.fileName(of: input.name)
      if present.contains(name) {
        unused.removeAll { $0 == name }
        arrays.append((input, try NpyFile.open("\(path)/\(name)")))
      } else if !input.hasDefault {
        return nil
      }
    }
    guard !arrays.isEmpty else { return nil }
    return try ArraySource(arrays, unused: unused, options: options, place: path)
  }

  private static func holdsData(_ path: String) -> Bool {
    let names = (try? Directory.names(in: path)) ?? []
    return names.contains {
      TestData.isInput($0) || $0.hasSuffix(".npy") || $0.hasSuffix(".npz")
        || ImageFiles.isImage($0)
    }
  }
}

/// What the file of an array is called.
enum ArrayNaming {
  /// `name.npy`, with what a file's name cannot hold replaced.
  static func fileName(of name: String) -> String {
    String(name.map { $0 == "/" || $0 == "\0" ? "_" : $0 }) + ".npy"
  }
}
