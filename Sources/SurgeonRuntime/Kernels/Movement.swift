internal import SurgeonIR

/// Operators that hand on what they get.
enum Movement {
  @Sendable static func identity(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    [try call.datum(0)]
  }
}
