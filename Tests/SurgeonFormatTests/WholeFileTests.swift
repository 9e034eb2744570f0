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
}
