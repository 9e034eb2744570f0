internal import SurgeonCLI
internal import Testing

struct WhyCommandTests {
  private let folder = Folder()

  private func training() throws -> String {
    try folder.write(
      """
      g (float[2, 2, 4] x) => (float[2, 2, 4] y)
      <float[2] gamma = {2, 0.5}, float[2] beta = {1, -1}, float[2] mean = {0.5, -3},
       float[2] var = {4, 0.25}>
      { y, a, b = BatchNormalization(x, gamma, beta, mean, var) }
      """, as: "m.onnx")
  }

  @Test func `every reason of a rule at a node is given`() throws {
    let run = CommandRun("why", try training(), "--rule", "frozen-affine", "--node", "y")
    #expect(run.status == .success)
    #expect(run.output.hasPrefix("frozen-affine does not apply at BatchNormalization 'y': "))
    #expect(run.output.contains("training mode"))
  }

  @Test func `an unknown rule is an error that lists the known ones`() throws {
    let run = CommandRun("why", try training(), "--rule", "frobnicate")
    #expect(run.status == .failure)
    #expect(run.errors.hasPrefix("error: there is no rule 'frobnicate'\nhint: rules are "))
  }

  @Test func `an unknown node is an error`() throws {
    let run = CommandRun("why", try training(), "--node", "conv*")
    #expect(run.status == .failure)
    #expect(run.errors.hasPrefix("error: no node is called 'conv*'"))
  }
}
