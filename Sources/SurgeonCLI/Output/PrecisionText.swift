internal import SurgeonRuntime

extension SessionOptions.Precision {
  /// As a sentence names it.
  var text: String {
    switch self {
    case .single: "the model's precision"
    case .double: "Float64"
    }
  }
}
