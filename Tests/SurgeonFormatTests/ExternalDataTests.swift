import Foundation
import SurgeonFormat
import SurgeonIR
import SurgeonTestSupport
import Testing

@Suite struct ExternalDataTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// A model with one external initializer of `count` floats.
  private func model(
    location: String = "w.data", offset: String = "0", length: String = "12", count: Int = 3
  ) throws -> String {
    func entry(_ key: String, _ value: String) -> [UInt8] {
      Wire.field(13, Wire.field(1, key) + Wire.field(2, value))
    }
    let tensor =
      Wire.field(1, int: count) + Wire.field(2, int: 1) + Wire.field(8, "w")
      + entry("location", location) + entry("offset", offset) + entry("length", length)
      + Wire.field(14, int: 1)
    let graph =
      Wire.field(1, Wire.field(1, "w") + Wire.field(2, "y") + Wire.field(4, "Relu"))
      + Wire.field(5, tensor) + Wire.field(12, Wire.field(1, "y"))
    let path = directory.file("model.onnx")
    try write(Wire.field(1, int: 8) + Wire.field(7, graph), to: path)
    return path
  }

  private func elements(_ path: String) throws -> [Float]? {
    let model = try ModelReader.read(path: path)
    let value = try #require(model.localValue(named: "w", in: model.mainGraph))
    return try model[value].initializer?.elements(as: Float.self)
  }

  private let twelveBytes: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40]

  @Test func `elements are found at their offset`() throws {
    try write([0, 0, 0, 0] + twelveBytes, to: directory.file("w.data"))
    #expect(try elements(model(offset: "4")) == [1, 2, 3])
  }

  @Test func `bytes of a mapped file are copied from any place in it`() throws {
    let count = 100_000
    let numbers = (0..<count).map { Float($0) }
    let bytes = numbers.withUnsafeBytes { Array($0) }
    try write([9] + bytes + [9, 9], to: directory.file("w.data"))
    let model = try ModelReader.read(
      path: model(offset: "1", length: "\(4 * count)", count: count))
    let value = try #require(model.localValue(named: "w", in: model.mainGraph))
    let source = try #require(try model[value].initializer?.bytes())
    var copy = [UInt8](repeating: 0, count: 4 * count)
    copy.withUnsafeMutableBytes { target in
      if let start = target.baseAddress { source.copy(to: start) }
    }
    #expect(copy == bytes)
  }

  @Test func `a missing file is an error when its elements are needed, not before`() throws {
    let path = try model()
    _ = try ModelReader.read(path: path)
    #expect {
      try elements(path)
    } throws: { error in
      (error as? SurgeonError)?.description.hasPrefix(
        "error: cannot read external data '\(directory.file("w.data"))': No such file") == true
    }
  }

  @Test(arguments: ["/etc/hostname", "../w.data", "a/../../w.data", ""])
  func `a location outside the model's directory is refused`(location: String) throws {
    #expect {
      try elements(model(location: location))
    } throws: { error in
      "\(error)".contains("location '\(location)' is not inside the model's directory")
    }
  }

  @Test func `a link that leads out of the directory is refused`() throws {
    let outside = try TemporaryDirectory()
    try write(twelveBytes, to: outside.file("w.data"))
    try FileManager.default.createSymbolicLink(
      atPath: directory.file("w.data"), withDestinationPath: outside.file("w.data"))
    #expect {
      try elements(model())
    } throws: { error in
      "\(error)".contains("is a link that leads out of the model's directory")
    }
  }

  @Test func `a file that is too short is an error`() throws {
    try write([1, 2, 3], to: directory.file("w.data"))
    #expect {
      try elements(model())
    } throws: { error in
      "\(error)".contains("12 bytes from 0 on declared, the file has 3")
    }
  }

  @Test(arguments: [
    ("-4", "12", "'-4' is no offset in a file"), ("x", "12", "'x' is no offset in a file"),
    ("9223372036854775807", "12", "12 bytes from 9,223,372,036,854,775,807 on declared"),
    ("0", "8", "12 bytes declared, 8 referenced in 'w.data'"),
  ])
  func `an impossible place is an error`(offset: String, length: String, says: String) throws {
    try write(twelveBytes, to: directory.file("w.data"))
    #expect {
      try elements(model(offset: offset, length: length))
    } throws: { error in
      "\(error)".contains(says)
    }
  }

  @Test func `a model written elsewhere takes a copy of its data along`() throws {
    try write(twelveBytes, to: directory.file("w.data"))
    let other = try TemporaryDirectory()
    let model = try ModelReader.read(path: model())
    let report = try ModelWriter.write(model, to: other.file("out.onnx"))
    #expect(report.externalFiles == [other.file("w.data")])
    #expect(try elements(other.file("out.onnx")) == [1, 2, 3])
    let number = try FileManager.default.attributesOfItem(atPath: other.file("w.data"))
    // onnx refuses external data with more than one name.
    #expect(number[.referenceCount] as? Int == 1)
    // Once more: the copy is there already.
    #expect(try ModelWriter.write(model, to: other.file("out.onnx")).externalFiles == [])
  }

  @Test func `data in a folder is taken along with the folder`() throws {
    try FileManager.default.createDirectory(
      atPath: directory.file("weights"), withIntermediateDirectories: false)
    try write(twelveBytes, to: directory.file("weights/w.bin"))
    let other = try TemporaryDirectory()
    let model = try ModelReader.read(path: model(location: "weights/w.bin"))
    try ModelWriter.write(model, to: other.file("out.onnx"))
    #expect(try elements(other.file("out.onnx")) == [1, 2, 3])
  }

  @Test func `a different file of the same name is never overwritten`() throws {
    try write(twelveBytes, to: directory.file("w.data"))
    let other = try TemporaryDirectory()
    try write([1, 2, 3], to: other.file("w.data"))
    let model = try ModelReader.read(path: model())
    #expect {
      try ModelWriter.write(model, to: other.file("out.onnx"))
    } throws: { error in
      "\(error)".contains("another file is there")
    }
    #expect(try other.names == ["w.data"])
    #expect(try contents(of: other.file("w.data")) == [1, 2, 3])
  }

  @Test func `data that must be taken along and is missing is an error, with nothing written`()
    throws
  {
    let other = try TemporaryDirectory()
    let model = try ModelReader.read(path: model())
    #expect {
      try ModelWriter.write(model, to: other.file("out.onnx"))
    } throws: { error in
      "\(error)".contains("cannot read external data '\(directory.file("w.data"))'")
    }
    #expect(try other.names == [])
  }

  @Test func `data of an initializer that was removed is not taken along`() throws {
    var model = try ModelReader.read(path: model())
    let value = try #require(model.localValue(named: "w", in: model.mainGraph))
    model.setInitializer(Tensor([Float(4), 5, 6]), of: value)
    let other = try TemporaryDirectory()
    #expect(try ModelWriter.write(model, to: other.file("out.onnx")).externalFiles == [])
    #expect(try elements(other.file("out.onnx")) == [4, 5, 6])
    #expect(try other.names == ["out.onnx"])
  }
}
