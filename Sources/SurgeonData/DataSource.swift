public import SurgeonIR

/// Opens data in every form that docs/guide.md lists.
public enum DataSource {
  /// Opens the data at `path` for a model: a .npy (a model with one input), a .npz (arrays named
  /// like the inputs), an image, an ONNX test-data directory (`input_0.pb`, ...), a directory of
  /// arrays or of images, or a directory of such directories.
  ///
  /// Headers are read and checked here; elements are read with their samples.
  ///
  /// - Throws: `io` or `invalidData`: not readable, an input without data, wrong type or shape, or
  ///   no samples at all.
  public static func open(
    _ path: String, for model: borrowing Model, options: DataOptions = DataOptions()
  ) throws(SurgeonError) -> any SampleSource {
    try open(path, inputs: ModelInput.all(of: model), options: options)
  }

  /// The same for a list of inputs.
  public static func open(
    _ path: String, inputs: [ModelInput], options: DataOptions = DataOptions()
  ) throws(SurgeonError) -> any SampleSource {
    if Directory.isDirectory(path) {
      return try DataDirectory(path: path, inputs: inputs, options: options).open()
    }
    if path.hasSuffix(".npz") { return try npz(path, inputs: inputs, options: options) }
    if path.hasSuffix(".npy") { return try npy(path, inputs: inputs, options: options) }
    if ImageFiles.isImage(path) { return try ImageFiles([path], for: inputs, options: options) }
    guard Directory.exists(path) else {
      throw SurgeonError(.io, "cannot open '\(path)'", detail: "there is no such file or directory")
    }
    throw SurgeonError(
      .invalidData, "cannot tell what '\(path)' holds",
      hint: "data are a .npy, a .npz, images, a directory of those, or one with input_0.pb, ...")
  }

  static func npy(
    _ path: String, inputs: [ModelInput], options: DataOptions
  ) throws(SurgeonError) -> any SampleSource {
    let required = inputs.filter { !$0.hasDefault }
    let array = try NpyFile.open(path)
    guard let input = required.first ?? inputs.first, required.count <= 1 else {
      throw SurgeonError(
        .invalidData, "one array is given and the model has \(required.count) inputs", at: [path],
        detail: required.map { "'\($0.name)'" }.joined(separator: ", "),
        hint: "save them in a .npz, each under its input's name")
    }
    return try ArraySource([(input, array)], options: options, place: path)
  }

  static func npz(
    _ path: String, inputs: [ModelInput], options: DataOptions
  ) throws(SurgeonError) -> any SampleSource {
    let archive = try NpzArchive(path: path)
    var arrays: [(input: ModelInput, array: StoredArray)] = []
    var used: Set<String> = []
    for (position, input) in inputs.enumerated() {
      // numpy.savez without keywords calls its arrays arr_0, arr_1, ...
      let name = archive.names.contains(input.name) ? input.name : "arr_\(position)"
      if let array = try archive.array(name) {
        arrays.append((input, array))
        used.insert(name)
      } else if !input.hasDefault {
        throw missing(input, among: archive.names, at: path)
      }
    }
    return try ArraySource(
      arrays, unused: archive.names.filter { !used.contains($0) }, options: options, place: path)
  }

  static func missing(_ input: ModelInput, among names: [String], at path: String) -> SurgeonError {
    SurgeonError(
      .invalidData, "no data for input '\(input.name)'", at: [path],
      detail: names.isEmpty
        ? "no arrays at all" : "arrays: " + names.map { "'\($0)'" }.joined(separator: ", "),
      hint: "name the array like the input")
  }
}
