internal import Foundation
internal import SurgeonFormat
internal import SurgeonIR
internal import Testing

struct WholeFileTests {
  @Test func `a file is replaced with its permissions, and through a link`() throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("kept.bin")
    try write([1, 2], to: path)
    let manager = FileManager.default
    try manager.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    try manager.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: path)
    let long = [UInt8](repeating: 7, count: 9000)
    try WholeFile.write([TensorBytes([3, 4]), TensorBytes(long)], to: folder.file("link"))
    #expect(try contents(of: path) == [3, 4] + long)
    #expect(try manager.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o640)
    #expect(try folder.names == ["kept.bin", "link"])
  }

  @Test func `whether a file can be written is told, and nothing is left of the question`() throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("kept.bin")
    try write([1, 2], to: path)
    try WholeFile.requireWritable(path)
    try WholeFile.requireWritable(folder.file("new.bin"))
    try WholeFile.requireWritable("/dev/null")
    #expect(try contents(of: path) == [1, 2])
    #expect(try folder.names == ["kept.bin"])
    let nowhere = folder.file("nowhere/o.bin")
    let error = #expect(throws: SurgeonError.self) { try WholeFile.requireWritable(nowhere) }
    #expect(error?.message == "cannot write '\(nowhere)': No such file or directory")
  }

  @Test func `a file is read as a whole, or why not is said`() throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("some.bin")
    let bytes = [UInt8](repeating: 7, count: (1 << 20) + 1)
    try write(bytes, to: path)
    #expect(try WholeFile.read(path) == bytes)
    func message(_ path: String) -> String? {
      #expect(throws: SurgeonError.self) { try WholeFile.read(path, atMost: 1 << 20) }?.message
    }
    #expect(message(path) == "cannot read '\(path)': it is larger than 1 MiB")
    let directory = folder.file("")
    #expect(message(directory) == "cannot read '\(directory)': it is a directory")
    let missing = folder.file("missing")
    #expect(message(missing) == "cannot open '\(missing)': No such file or directory")
  }
}
