internal import SurgeonIR

/// Entries of a plan as keys and values; the keys are the flags of the command line.
enum PlanCoding {
  static func entry(_ value: PlanValue) throws(SurgeonError) -> NormalizationPlan.Entry {
    guard case .table(let members) = value else {
      throw SurgeonError(.syntax, "an entry of a plan is a table")
    }
    var entry = NormalizationPlan.Entry(options: NormalizationOptions())
    for member in members {
      do {
        try set(member.key, member.value, of: &entry)
      } catch {
        throw error.within("'\(member.key)'")
      }
    }
    try checkKeys(members.map(\.key), of: entry.options.target)
    // Every node, which is what no pattern means too.
    if entry.only == ["*"] { entry.only = [] }
    return entry
  }

  /// - Throws: `syntax` where a key says what the target does not look at, or two say the same.
  private static func checkKeys(
    _ keys: [String], of target: NormalizationOptions.Target
  ) throws(SurgeonError) {
    for key in keys {
      let targets = NormalizationOptions.targets(lookingAt: key)
      guard !targets.isEmpty, !targets.contains(target) else { continue }
      throw SurgeonError(
        .syntax, "the key has no say in what '\(target.rawValue)' makes", at: ["'\(key)'"],
        hint: "it goes with " + targets.map { "to = \"\($0.rawValue)\"" }.joined(separator: ", "))
    }
    if keys.contains("groups"), keys.contains("channels-per-group") {
      throw SurgeonError(.syntax, "'groups' and 'channels-per-group' exclude each other")
    }
  }

  private static func set(
    _ key: String, _ value: PlanValue, of entry: inout NormalizationPlan.Entry
  ) throws(SurgeonError) {
    switch key {
    case "match", "only": entry.only += try globs(value)
    case "except": entry.except += try globs(value)
    case "to": entry.options.target = try choice(value)
    case "form": entry.options.form = try choice(value)
    case "count": entry.options.welford.count = try choice(value)
    case "max-count": entry.options.welford.maximum = try count(value)
    case "count-unit": entry.options.welford.unit = try choice(value)
    case "init": entry.options.welford.start = try choice(value)
    case "normalize-with": entry.options.welford.normalization = try choice(value)
    case "as-function":
      guard case .bool(let isCalled) = value else { throw mistake("true or false", value) }
      entry.options.callsFunction = isCalled
    case "momentum":
      guard let momentum = value.number else { throw mistake("a number", value) }
      entry.options.momentum = momentum
    case "groups":
      if value.string == "auto" {
        entry.options.grouping = .automatic
      } else {
        entry.options.grouping = .groups(try whole(value))
      }
    case "channels-per-group": entry.options.grouping = .channelsPerGroup(try whole(value))
    case "match-by": entry.options.match = try choice(value)
    case "ops": entry.options.operators = try choice(value)
    default:
      throw SurgeonError(
        .syntax, "a plan has no such key",
        hint: "keys are match, except, to, form, count, max-count, count-unit, init, "
          + "normalize-with, as-function, momentum, groups, channels-per-group, match-by, ops")
    }
  }

  /// Everything that the entry's target looks at.
  static func members(_ entry: NormalizationPlan.Entry) -> [PlanValue.Member] {
    let options = entry.options
    func globs(_ globs: [String]) -> PlanValue {
      globs.count == 1 ? .string(globs[0]) : .array(globs.map { .string($0) })
    }
    func member(_ key: String, _ value: some RawRepresentable<String>) -> PlanValue.Member {
      PlanValue.Member(key, .string(value.rawValue))
    }
    var members = [PlanValue.Member("match", globs(entry.only.isEmpty ? ["*"] : entry.only))]
    if !entry.except.isEmpty { members.append(PlanValue.Member("except", globs(entry.except))) }
    members.append(member("to", options.target))
    switch options.target {
    case .keep: break
    case .frozen: members.append(member("form", options.form))
    case .batchnorm: break
    case .welford:
      let welford = options.welford
      let maximum: PlanValue =
        welford.maximum.isFinite ? .number(welford.maximum) : .string("infinite")
      members += [
        member("count", welford.count), PlanValue.Member("max-count", maximum),
        member("count-unit", welford.unit), member("init", welford.start),
        member("normalize-with", welford.normalization),
      ]
      if options.callsFunction { members.append(PlanValue.Member("as-function", .bool(true))) }
    case .running:
      if let momentum = options.momentum {
        members.append(PlanValue.Member("momentum", .number(momentum)))
      }
      members += [
        member("init", options.welford.start),
        member("normalize-with", options.welford.normalization),
      ]
    case .groupnorm, .layernorm, .instancenorm:
      if options.target == .groupnorm {
        switch options.grouping {
        case .automatic: members.append(PlanValue.Member("groups", .string("auto")))
        case .groups(let count):
          members.append(PlanValue.Member("groups", .number(Double(count))))
        case .channelsPerGroup(let count):
          members.append(PlanValue.Member("channels-per-group", .number(Double(count))))
        }
      }
      members += [member("match-by", options.match), member("ops", options.operators)]
    }
    return members
  }

  private static func globs(_ value: PlanValue) throws(SurgeonError) -> [String] {
    if let text = value.string { return [text] }
    guard let elements = value.array else { throw mistake("a pattern or a list of them", value) }
    var result: [String] = []
    for element in elements {
      guard let text = element.string else { throw mistake("a pattern", element) }
      result.append(text)
    }
    return result
  }

  private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ value: PlanValue
  ) throws(SurgeonError) -> Choice {
    guard let text = value.string, let choice = Choice(rawValue: text) else {
      throw mistake("one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "), value)
    }
    return choice
  }

  private static func whole(_ value: PlanValue) throws(SurgeonError) -> Int {
    guard let number = value.number, let whole = Int(exactly: number), whole > 0 else {
      throw mistake("a whole number above 0", value)
    }
    return whole
  }

  /// A count: a positive number, or the word `infinite`.
  private static func count(_ value: PlanValue) throws(SurgeonError) -> Double {
    if let text = value.string, text == "infinite" || text == "inf" { return .infinity }
    guard let number = value.number, number > 0 else {
      throw mistake("a number above 0 or 'infinite'", value)
    }
    return number
  }

  private static func mistake(_ expected: String, _ value: PlanValue) -> SurgeonError {
    SurgeonError(.syntax, "\(expected) expected", detail: "the plan says \(value.json)")
  }
}
