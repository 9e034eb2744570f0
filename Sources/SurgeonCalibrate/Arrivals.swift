internal import SurgeonIR

/// What comes of batches that end in any order.
struct Arrivals {
  typealias Outcome = Result<[StageGauge.Seen], SurgeonError>

  /// Of batches that others before them are awaited for.
  private var waiting: [Int: Outcome] = [:]
  /// Batches from the first on whose outcome was handed out.
  private(set) var handed = 0
  /// The error of the first batch that failed, after which nothing is handed out.
  private(set) var failure: SurgeonError?

  mutating func add(
    _ outcome: Outcome, of batch: Int, handing take: ([StageGauge.Seen]) -> Void
  ) {
    waiting[batch] = outcome
    while failure == nil, let next = waiting.removeValue(forKey: handed) {
      switch next {
      case .success(let seen):
        take(seen)
        handed += 1
      case .failure(let error): failure = error
      }
    }
  }
}
