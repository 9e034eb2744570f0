internal import SurgeonFormat
public import SurgeonIR

/// Writes what a model gave, in the forms that `DataSource` reads.
///
/// Outputs of several samples are joined along their leading dimension, scalars to a list (`npz`,
/// `npy`), or go each to a directory of its own (`pb`).
public struct OutputWriter {
  public enum Format: String, Sendable, CaseIterable {
    /// One archive of arrays named like the outputs.
    case npz
    /// A directory with `NAME.npy` per output.
    case npy
    /// A directory with `output_0.pb`, ... in the order of the outputs, as ONNX's test data have it;
    /// for several samples a directory of such directories, `test_data_set_0`, ...
    case pb
  }

  private let path: String
  private let format: Format
  private var names: [String] = []
  private var samples: [String: [Tensor]] = [:]
  private var messages: [[(name: String, value: Datum)]] = []

  /// - Parameter path: the archive, or the directory, which is made where it is missing.
  public init(path: String, format: Format) {
    self.path = path
    self.format = format
  }

  /// Takes the outputs of the next sample.
  ///
  /// - Throws: `invalidData` for an output that the format cannot hold.
  public mutating func append(
    _ outputs: [(name: String, value: Datum)]
  ) throws(SurgeonError) {
    if format == .pb {
      messages.append(outputs)
      return
    }
    for (name, value) in outputs {
      guard let tensor = value.tensor else {
        throw SurgeonError(
          .invalidData, "output '\(name)' is no tensor, which .\(format.rawValue) cannot hold",
          hint: "write .pb files, which hold every type")
      }
      if samples[name] == nil { names.append(name) }
      samples[name, default: []].append(tensor)
    }
  }

  /// Writes everything.
  ///
  /// - Throws: `io`, or `invalidData` where the samples of an output do not join.
  public consuming func finish() throws(SurgeonError) {
    var tensors: [(name: String, tensor: Tensor)] = []
    for name in names { tensors.append((name, try joined(samples[name] ?? [], name: name))) }
    switch format {
    case .npz: try Npz.write(tensors, to: path)
    case .npy:
      try Directory.create(path)
      for (name, tensor) in tensors {
        let encoding = try NpyEncoding(tensor, name: name)
        try encoding.write(to: "\(path)/\(ArrayNaming.fileName(of: name))")
      }
    case .pb:
      try Directory.create(path)
      for (index, outputs) in messages.enumerated() {
        let folder = messages.count == 1 ? path : "\(path)/test_data_set_\(index)"
        try Directory.create(folder)
        for (position, output) in outputs.enumerated() {
          try DatumFile.write(
            output.value, named: output.name, to: "\(folder)/output_\(position).pb")
        }
      }
    }
  }

  private func joined(_ tensors: [Tensor], name: String) throws(SurgeonError) -> Tensor {
    guard let first = tensors.first, tensors.count > 1 else { return tensors[0] }
    let tail = first.shape.dropFirst()
    for tensor in tensors
    where tensor.shape.isEmpty != first.shape.isEmpty || tensor.shape.dropFirst() != tail
      || tensor.elementType != first.elementType || first.elementType.bitWidth < 8
    {
      throw SurgeonError(
        .invalidData, "the samples of output '\(name)' do not join to one array",
        detail: "\(ModelInput.text(first.shape)) and \(ModelInput.text(tensor.shape))",
        hint: "write .pb files, a directory for each sample")
    }
    var parts: [TensorBytes] = []
    for tensor in tensors { parts.append(try tensor.bytes()) }
    let bytes = TensorBytes(count: parts.map(\.count).reduce(0, +)) { target in
      var offset = 0
      for part in parts {
        part.withUnsafeBytes {
          UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: $0)
        }
        offset += part.count
      }
    }
    let rows = tensors.map { $0.shape.first ?? 1 }.reduce(0, +)
    return Tensor(elementType: first.elementType, shape: [rows] + tail, bytes: bytes)
  }
}
