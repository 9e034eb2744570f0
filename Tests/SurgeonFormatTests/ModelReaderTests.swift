import SurgeonFormat
import SurgeonIR
import Testing

@Test func `an empty file is refused with one sentence`() {
  #expect {
    try ModelReader.read(bytes: [], name: "empty.onnx")
  } throws: { error in
    (error as? SurgeonError)?.description
      == "error: the file is empty\n  at empty.onnx"
  }
}
