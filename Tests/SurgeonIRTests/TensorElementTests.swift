internal import SurgeonIR
internal import Testing

struct TensorElementTests {
  @Test func `float16 rounds once, to nearest even`() {
    let cases: [(Double, UInt16)] = [
      (0, 0), (-0.0, 0x8000), (1, 0x3C00), (-2, 0xC000), (65504, 0x7BFF),
      // Halfway between the largest number and the next power of two.
      (65519.99, 0x7BFF), (65520, 0x7C00), (1e300, 0x7C00), (-.infinity, 0xFC00),
      // Subnormal, the smallest, and half of it.
      (0x1p-24, 0x0001), (0x1p-25, 0x0000), (0x1.8p-25, 0x0001), (0x1p-14, 0x0400),
      // Ties: 1 + half of the last place goes down, 1 + 3 halves goes up.
      (1 + 0x1p-11, 0x3C00), (1 + 0x3p-11, 0x3C02),
      // Through Float32 this would round up twice.
      (1 + 0x1p-11 + 0x1p-40, 0x3C01),
    ]
    for (number, pattern) in cases {
      #expect(HalfPrecision.float16Pattern(number) == pattern, "\(number)")
    }
    #expect(HalfPrecision.float16Pattern(.nan) == 0x7E00)
  }

  @Test func `every float16 pattern survives the way to Float32 and back`() {
    for pattern in UInt16.min...UInt16.max {
      let number = HalfPrecision.float16(pattern)
      if number.isNaN { continue }
      let back = HalfPrecision.float16Pattern(Double(number))
      if back != pattern { Issue.record("\(pattern) comes back as \(back)") }
    }
  }

  @Test func `bfloat16 rounds to nearest even`() {
    #expect(HalfPrecision.bfloat16Pattern(1) == 0x3F80)
    #expect(HalfPrecision.bfloat16Pattern(1 + 0x1p-8) == 0x3F80)
    #expect(HalfPrecision.bfloat16Pattern(1 + 0x3p-8) == 0x3F82)
    #expect(HalfPrecision.bfloat16Pattern(3.4e38) == 0x7F80)
    #expect(HalfPrecision.bfloat16(0x4049) == 3.140625)
  }

  @Test func `any byte but 0 is true`() throws {
    let tensor = Tensor(elementType: .bool, shape: [4], bytes: TensorBytes([0, 1, 2, 255]))
    #expect(try tensor.elements(as: Bool.self) == [false, true, true, true])
    #expect(try tensor.intElements() == [0, 1, 1, 1])
  }

  @Test func `a UInt64 beyond Int is no integer element`() throws {
    #expect(try Tensor([UInt64.max]).intElements() == nil)
    #expect(try Tensor([UInt64(7)]).intElements() == [7])
  }

  @Test func `packed types count their bytes rounded up`() {
    #expect(ElementType.int4.byteCount(of: 3) == 2)
    #expect(ElementType.uint2.byteCount(of: 5) == 2)
    #expect(ElementType.float32.byteCount(of: .max) == nil)
    #expect(ElementType.string.byteCount(of: 1) == nil)
  }
}
