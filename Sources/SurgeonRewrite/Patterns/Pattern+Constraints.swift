public import SurgeonIR

// What more can be asked of an operator in a pattern.
extension Pattern {
  /// Captures the node.
  ///
  /// - Precondition: the pattern is an operator.
  public func `as`(_ capture: Capture<Node.ID>) -> Pattern {
    changingOp { $0.nodeCapture = capture.name }
  }

  /// Captures an attribute. Where the node does not give it, the capture's default stands; without
  /// a default the node does not match, unless the capture is optional.
  public func attribute<Bound>(
    _ name: String, _ capture: Capture<Bound>, file: StaticString = #fileID, line: UInt = #line
  ) -> Pattern {
    guard case .attribute(let kind, let isOptional) = Bound.captureKind else {
      preconditionFailure("a Capture<\(Bound.self)> captures no attribute")
    }
    let demand = AttributePattern.Demand.capture(
      capture.name, kind, isOptional: isOptional, defaultValue: capture.defaultValue?.binding)
    return attribute(name, demand, SourceLocation(file, line))
  }

  /// Demands the value of an attribute.
  ///
  /// - Parameter defaultValue: what the operator takes the attribute for where a node does not give
  ///   it.
  public func attribute<Bound: CaptureType>(
    _ name: String, equals value: Bound, default defaultValue: Bound? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Pattern {
    attribute(
      name, .equals(value.binding, defaults: AttributeDefaults(always: defaultValue?.binding)),
      SourceLocation(file, line))
  }

  /// Demands that the node does not give the attribute.
  public func withoutAttribute(
    _ name: String, file: StaticString = #fileID, line: UInt = #line
  ) -> Pattern {
    attribute(name, .absent, SourceLocation(file, line))
  }

  /// The value is output number `index` of the node, instead of the first.
  public func output(_ index: Int) -> Pattern { changingOp { $0.output = index } }

  /// Captures all outputs of a node that has several, in order. The replacement stands for all.
  ///
  /// Without this an operator at the root matches only where nobody reads its other outputs.
  public func outputs(_ captures: any OutputCapture...) -> Pattern {
    outputs(captures)
  }

  /// The same for captures in an array.
  public func outputs(_ captures: [any OutputCapture]) -> Pattern {
    changingOp { op in
      op.outputs = captures.map {
        OutputPattern(name: $0.name, isOptional: $0.isOptionalOutput)
      }
      op.output = nil
    }
  }

  /// Matches at the root whether or not somebody reads other outputs than the first; the rule sees
  /// to them.
  public var withAnyOutputs: Pattern {
    changingOp {
      $0.acceptsAnyOutputs = true
      $0.output = nil
    }
  }

  /// Takes the inputs in the order in which they stand, although the operator commutes.
  public var ordered: Pattern { changingOp { $0.isOrdered = true } }

  /// Captures an attribute of any type, present or not, for a rule that is made from data.
  package func attribute(
    _ name: String, anyPayload capture: String, at location: SourceLocation
  ) -> Pattern {
    attribute(
      name, .capture(capture, .any, isOptional: true, defaultValue: nil), location)
  }

  /// Demands an attribute, for a rule that is made from data.
  package func attribute(
    _ name: String, equals value: Binding, defaults: AttributeDefaults,
    at location: SourceLocation
  ) -> Pattern {
    attribute(name, .equals(value, defaults: defaults), location)
  }

  private func attribute(
    _ name: String, _ demand: AttributePattern.Demand, _ location: SourceLocation
  ) -> Pattern {
    changingOp {
      $0.attributes.append(AttributePattern(name: name, demand: demand, location: location))
    }
  }

  private func changingOp(_ change: (inout OpPattern) -> Void) -> Pattern {
    guard case .op(var op) = kind else {
      preconditionFailure("only an operator has attributes, outputs and an order of inputs")
    }
    change(&op)
    var copy = self
    copy.kind = .op(op)
    return copy
  }
}

/// A capture of an output: `Capture<Value.ID>`, or `Capture<Value.ID?>` for one that may be absent.
public protocol OutputCapture: Sendable {
  var name: String { get }
  var isOptionalOutput: Bool { get }
}

extension Capture: OutputCapture {
  public var isOptionalOutput: Bool {
    guard case .value(let isOptional) = Bound.captureKind else {
      preconditionFailure("a Capture<\(Bound.self)> captures no output")
    }
    return isOptional
  }
}

// What more can be asked of the value at some place of a pattern.
extension PatternElement {
  /// Captures the value as well.
  public func `as`(_ capture: Capture<Value.ID>) -> Pattern {
    var copy = pattern
    copy.valueCaptures.append(capture.name)
    return copy
  }

  /// Nothing but this place of the match reads the value, and it is no graph output.
  public func usedOnce(file: StaticString = #fileID, line: UInt = #line) -> Pattern {
    demanding(.usedOnce, file, line)
  }

  /// Only nodes of the match read the value, and it is no graph output.
  public func usedOnlyInside(file: StaticString = #fileID, line: UInt = #line) -> Pattern {
    demanding(.usedOnlyInside, file, line)
  }

  public func rank(
    _ ranks: ClosedRange<Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> Pattern {
    demanding(.rank(ranks), file, line)
  }

  public func rank(
    _ rank: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> Pattern {
    demanding(.rank(rank...rank), file, line)
  }

  public func elementType(
    _ types: ElementType..., file: StaticString = #fileID, line: UInt = #line
  ) -> Pattern {
    demanding(.elementType(types), file, line)
  }

  /// - Parameter sizes: nil where any size will do.
  public func shape(
    _ sizes: [Int?], file: StaticString = #fileID, line: UInt = #line
  ) -> Pattern {
    demanding(.shape(sizes), file, line)
  }

  /// The value is a constant, which the match does not read.
  public func constant(file: StaticString = #fileID, line: UInt = #line) -> Pattern {
    demanding(.constant, file, line)
  }

  public func notConstant(file: StaticString = #fileID, line: UInt = #line) -> Pattern {
    demanding(.notConstant, file, line)
  }

  private func demanding(
    _ demand: Constraint.Demand, _ file: StaticString, _ line: UInt
  ) -> Pattern {
    demanding(demand, at: SourceLocation(file, line))
  }

  /// A demand of a rule that is made from data.
  package func demanding(_ demand: Constraint.Demand, at location: SourceLocation) -> Pattern {
    var copy = pattern
    copy.constraints.append(Constraint(demand: demand, location: location))
    return copy
  }
}
