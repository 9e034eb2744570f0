public import SurgeonIR

/// Single values in files: what ONNX's own test data consist of.
///
/// A file holds one message and does not say of which kind: TensorProto, SequenceProto,
/// OptionalProto or MapProto. The type of the model's input says it.
public enum DatumFile {
  /// Reads the value at `path`.
  ///
  /// - Parameter type: what the file holds; nil for a tensor.
  /// - Throws: `io`, `malformedModel`, or `impossible` for sparse tensors.
  public static func read(
    path: String, as type: ValueType? = nil
  ) throws(SurgeonError) -> Datum {
    let file = try SourceFile(path: path)
    do throws(SurgeonError) {
      return try DatumDecoder(file: file).datum(0..<file.count, as: type?.kind)
    } catch {
      throw error.within(path)
    }
  }

  /// Writes a value; an existing file is replaced once the new one is complete.
  ///
  /// - Parameter name: the name that the message carries.
  /// - Throws: `io`, what reading the numbers throws, or `impossible` for sparse tensors.
  public static func write(
    _ datum: Datum, named name: String, to path: String
  ) throws(SurgeonError) {
    let message = try DatumEncoder.message(datum, name: name)
    let file = try AtomicFile.replacing(path)
    try file.write(message)
    try file.commit()
  }
}

/// Field numbers of the messages that hold values (onnx-data.proto).
enum DatumField {
  /// SequenceProto, and OptionalProto, whose fields hold at most one value.
  static let name: UInt32 = 1
  static let elementKind: UInt32 = 2
  static let tensor: UInt32 = 3
  static let sparseTensor: UInt32 = 4
  static let sequence: UInt32 = 5
  static let map: UInt32 = 6
  static let optional: UInt32 = 7

  /// MapProto.
  static let keyType: UInt32 = 2
  static let keys: UInt32 = 3
  static let stringKeys: UInt32 = 4
  static let mapValues: UInt32 = 5

  /// SequenceProto.DataType and OptionalProto.DataType.
  enum Kind: UInt64 {
    case undefined = 0
    case tensor = 1
    case sparseTensor = 2
    case sequence = 3
    case map = 4
    case optional = 5
  }
}
