internal import SurgeonData
internal import SurgeonIR

/// Samples that are given outright, for the input x.
struct GivenSamples: SampleSource {
  var tensors: [Tensor]
  var count: Int { tensors.count }
  func sample(_ index: Int) throws(SurgeonError) -> [String: Datum] {
    ["x": .tensor(tensors[index])]
  }
}
