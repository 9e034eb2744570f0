extension KernelRegistry {
  /// One line for each operator, in alphabetical order within its domain.
  static let allOperators: [Operator] = [
    Operator("Identity", since: [1, 13, 14, 16, 19, 21, 23, 24, 25], Movement.identity)
  ]
}
