internal import SurgeonLibc

/// The natural logarithm; a function of the C library that needs its import in one place.
func logarithm(_ number: Double) -> Double { log(number) }
