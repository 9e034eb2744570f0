internal import SurgeonCLI
internal import SurgeonData
internal import SurgeonIR
internal import Testing

/// What `inspect --data` says of a normalisation whose running statistics are mean 0 and variance 1.
struct InspectDataTests {
  private let folder = Folder()

  /// Inspects with one batch of 128 numbers for each of `means`; the words without line breaks.
  private func diagnosis(_ means: [Float], positions: Int = 128) throws -> String {
    let model = try folder.write(
      """
      g (float[1, 1, \(positions)] x) => (float[1, 1, \(positions)] y)
      <float[1] one = {1}, float[1] zero = {0}> { y = BatchNormalization(x, one, zero, zero, one) }
      """, as: "a.onnx")
    let data = "\(folder.path)/x.npz"
    let numbers = means.flatMap { mean in
      (0..<positions).map { mean + ($0.isMultiple(of: 2) ? 1 : -1) }
    }
    try Npz.write([("x", Tensor(numbers, shape: [means.count, 1, positions]))], to: data)
    let run = CommandRun("inspect", model, "--data", data)
    #expect(run.errors == "")
    return run.output.split(separator: "\n").joined(separator: " ")
  }

  @Test func `data of another kind are the first thing to look at`() throws {
    let words = try diagnosis([100, 101])
    #expect(words.contains("Look at the data first: over all batches together the mean at 'y'"))
    #expect(
      words.contains("hint: prepare the data as for the training and inspect again; only then"))
  }

  @Test func `an offset that all batches have in common is one of the running statistics`() throws {
    let words = try diagnosis([2, 2])
    #expect(words.contains("Over all 2 batches together the means are still 2\u{A0}σ away"))
    #expect(words.contains("hint: measure the statistics on your data and inspect again:"))
  }

  @Test func `batches that differ from one another ask for frozen statistics`() throws {
    let words = try diagnosis([2, -2])
    #expect(words.contains("what one batch shows (the brightness and contrast of its samples)"))
    #expect(words.contains("hint: to train at this batch size, freeze the statistics"))
  }

  @Test func `statistics over a few numbers are noise`() throws {
    let words = try diagnosis([1, 2], positions: 8)
    #expect(words.contains("1 node takes statistics over fewer than 100 numbers (as few as 8)"))
  }
}
