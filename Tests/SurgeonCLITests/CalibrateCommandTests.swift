internal import SurgeonCLI
internal import SurgeonData
internal import SurgeonIR
internal import Testing

struct CalibrateCommandTests {
  private let folder = Folder()

  @Test func `a shard says which part it measured, and other work why it does not go on`() throws {
    let model = try folder.write(
      """
      g (float[N, 2] x) => (float[N, 2] y)
      <float[2] one = {1, 1}, float[2] zero = {0, 0}>
      { y = BatchNormalization (x, one, zero, zero, one) }
      """, as: "m.onnx")
    let (data, stats) = (folder.path + "/x.npz", folder.path + "/s.json")
    try Npz.write([("x", Tensor([1, 2, 3, 5, 8, 13] as [Float], shape: [3, 2]))], to: data)
    let command = ["calibrate", model, "--data", data, "--stats", stats]
    let shard = CommandRun(command + ["--mode", "joint", "--shard", "1/2"])
    #expect(shard.status == .success)
    #expect(
      shard.output
        == "wrote \(stats): 0 of 1 group measured, and of the next part 1 of 2 (2 samples)\n")
    let other = CommandRun(command)
    #expect(other.status == .failure)
    #expect(
      other.errors == """
        error: the statistics are of another model or another mode
          theirs is joint mode (groups: 1), this is sequential mode (groups: 1)
        hint: measure anew, with another file for --stats

        """)
  }
}
