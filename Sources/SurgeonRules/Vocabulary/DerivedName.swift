extension String {
  /// The name that this one was derived from by adding `suffix`, and a number where that was taken
  /// (`bn` for `bn.mean_1` and `.mean`); nil where it was not.
  func base(before suffix: String) -> String? {
    var name = self[...]
    if let mark = name.lastIndex(of: "_") {
      let number = name[mark...].dropFirst()
      if !number.isEmpty, number.allSatisfy(\.isNumber) { name = name[..<mark] }
    }
    return name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : nil
  }
}
