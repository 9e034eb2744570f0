internal import SurgeonIR
internal import SurgeonRewrite

/// `per_channel k of y`: k is one number, or spreads over y with its axis 1 alone.
struct PerChannel {
  let constant: String
  let other: String

  func condition(at location: SourceLocation) -> Condition {
    let (constant, other) = (constant, other)
    return Condition(
      "\(constant) has one number per channel of \(other)", about: constant, at: location
    ) { match, context in
      guard case .constant(_, let tensor)? = match.binding(constant),
        let value = Value.ID.read(match.binding(other))
      else { return false }
      if tensor.count == 1 { return true }
      guard let shape = context.shape(value) else {
        throw Decline(
          "the rank of '\(context.model[value].name)' is not known", value: value,
          remedy: "record its shape in the model, or give the sizes of the inputs")
      }
      guard tensor.shape.count <= shape.rank, shape.rank >= 2 else { return false }
      let padded =
        Array(repeating: 1, count: shape.rank - tensor.shape.count) + tensor.shape
      let channels = shape.dimensions[1].value
      return padded.enumerated().allSatisfy { axis, size in
        size == 1 || (axis == 1 && (channels == nil || channels == size))
      }
    }
  }
}
