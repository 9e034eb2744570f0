#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The natural logarithm; a function of the C library that needs its import in one place.
func logarithm(_ number: Double) -> Double { log(number) }
