internal import Foundation
internal import SurgeonData
internal import SurgeonIR

/// A directory of its own, removed with its last reference.
final class Scratch {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "surgeon-data-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, with its directories, and returns its path.
  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let target = "\(path)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: target))
    return target
  }

  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }
}

/// A version 1.0 .npy file, spelled out as NumPy pads it.
func npy(_ dictionary: String, _ elements: [UInt8]) -> [UInt8] {
  let text = dictionary + String(repeating: " ", count: 117 - dictionary.utf8.count) + "\n"
  return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(text.utf8) + elements
}

/// A float32 array in row-major order.
func floats(_ numbers: [Float], _ shape: String) -> [UInt8] {
  npy(
    "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }",
    numbers.flatMap { number in
      withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
    })
}

/// A float32 input; nil is an unknown rank.
func input(_ name: String, _ dimensions: [SurgeonIR.Dimension]?, hasDefault: Bool = false)
  -> ModelInput
{
  let type = ValueType.tensor(.float32, dimensions.map(Shape.init))
  return ModelInput(name: name, type: type, hasDefault: hasDefault)
}

func input(_ name: String, _ type: ElementType, _ dimensions: [SurgeonIR.Dimension]?) -> ModelInput
{
  ModelInput(name: name, type: .tensor(type, dimensions.map(Shape.init)))
}

/// The message, place and detail of the error that `body` throws; nil if it throws none.
func message(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}
