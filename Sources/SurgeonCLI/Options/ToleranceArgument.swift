internal import ArgumentParser
internal import SurgeonVerify

/// `NAME=ATOL,RTOL`: the tolerance of one output.
struct ToleranceArgument: ExpressibleByArgument {
  var name: String
  var tolerance: Tolerance

  init?(argument: String) {
    guard let separator = argument.lastIndex(of: "="), separator != argument.startIndex else {
      return nil
    }
    let numbers = argument[argument.index(after: separator)...].split(
      separator: ",", omittingEmptySubsequences: false
    ).map { Double($0) }
    guard numbers.count == 2, let absolute = numbers[0], let relative = numbers[1], absolute >= 0,
      relative >= 0
    else { return nil }
    name = String(argument[..<separator])
    tolerance = Tolerance(absolute: absolute, relative: relative)
  }
}
