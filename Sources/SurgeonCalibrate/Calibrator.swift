internal import SurgeonData
public import SurgeonIR
internal import SurgeonLibc
internal import SurgeonRewrite
internal import SurgeonRules
public import SurgeonRuntime

/// Measures mean and variance of every BatchNormalization's input over data, and writes them into
/// the model ("precise batch normalisation": Wu and Johnson, Rethinking "Batch" in BatchNorm, 2021).
///
/// ```swift
/// let calibrator = try Calibrator(model)
/// let statistics = try calibrator.collect(samples)
/// let calibrated = try calibrator.model(with: statistics)
/// ```
public struct Calibrator: Sendable {
  public struct Options: Sendable {
    public var mode = CalibrationMode.sequential
    public var session = SessionOptions()
    /// Bytes of activations that are kept in memory between two groups; the rest goes to disk. Nil for 128 MiB,
    /// or all of them where a sixth of the machine's memory (4 GiB at most) has room for them and a file
    /// would be large or has none.
    public var memoryLimit: Int?
    /// Where activations go that memory has no room for.
    public var workspace = Calibrator.temporaryDirectory
    /// Bytes that activations may take there, about; nil for three quarters of what is free when the work
    /// begins. With less room more is computed again.
    public var workspaceLimit: Int?
    /// Bytes of activations and data that go through the network side by side, as `LockstepRuns`: about what a
    /// processor's caches hold.
    package var lockstepLimit = 24 << 20
    /// Bytes of weights with which they do so in several runs: these keep all of them rearranged, a stage
    /// its own.
    package var lockstepWeightLimit = 256 << 20
    /// Writes into the statistics what they were measured with and on, so that work which goes on from them
    /// is refused with another model or other data. Costs a look at all weights; off where nobody keeps the
    /// statistics.
    public var recordsOrigin = true
    /// Accepts channels that never vary over the data, though they did when the model was trained.
    public var allowsConstantChannels = false
    /// How often work that is not done is handed out to be kept.
    public var checkpointInterval = Duration.seconds(1)
    /// Asked between samples, on any thread: true ends the work once what was measured has been handed out.
    public var isInterrupted: @Sendable () -> Bool = { false }

    public init() {}
  }

  public let options: Options
  /// What is measured: the model with every Dropout in inference mode.
  let network: StagedNetwork
  /// The Dropout nodes that were in training mode; in the calibrated model they pass their input on.
  public let stoppedDropouts: [String]
  /// Nil where the origin of statistics is not recorded.
  private let recordedFingerprint: Fingerprint?

  /// - Throws: `impossible` where there is no BatchNormalization to calibrate; what reading a constant
  ///   throws.
  public init(_ model: Model, options: Options = Options()) throws(SurgeonError) {
    var model = model
    // Statistics that are measured behind one that drops are those of another network (Li et al.,
    // Understanding the Disharmony between Dropout and Batch Normalization by Variance Shift, 2019).
    stoppedDropouts = try Rewriter([.stopDropout()]).rewrite(&model).applications.map(\.subjectName)
    self.options = options
    network = try StagedNetwork(model, dimensions: options.session.dimensions)
    let plan = network.plan
    guard !plan.sites.isEmpty else {
      throw SurgeonError(
        .impossible, "there is no BatchNormalization to calibrate",
        detail: plan.skipped.first.map { "'\($0.name)' is left as it is: \($0.reason)" },
        hint: plan.skipped.isEmpty ? "was it folded into a Conv when the model was exported?" : nil)
    }
    recordedFingerprint =
      options.recordsOrigin ? try Fingerprint(model, of: plan, in: options.mode) : nil
  }

  var model: Model { network.model }
  var plan: CalibrationPlan { network.plan }
  /// - Throws: what reading a weight throws.
  var modelFingerprint: Fingerprint {
    get throws(SurgeonError) {
      if let recordedFingerprint { return recordedFingerprint }
      return try Fingerprint(model, of: plan, in: options.mode)
    }
  }
  public var sites: [CalibrationSite] { plan.sites }
  public var skipped: [SkippedSite] { plan.skipped }
  /// Rounds over the data: groups of sites in sequential mode, 1 in joint mode.
  public var groupCount: Int { options.mode == .joint ? 1 : plan.groupCount }

  /// The directory for large temporary files: the one that the environment names (TMPDIR), or /var/tmp, since
  /// /tmp is often memory.
  public static var temporaryDirectory: String {
    Machine.namedTemporaryDirectory ?? (access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp")
  }

  // MARK: The result

  /// The model with the collected statistics, each BatchNormalization in inference mode.
  ///
  /// - Throws: `impossible` where a statistic of the batch is read elsewhere, or is too large for
  ///   the type that the model has it in; `invalidData` where statistics are missing or of another
  ///   model, or where a channel never varies (see `ConstantChannels`).
  public func model(with statistics: CollectedStatistics) throws(SurgeonError) -> Model {
    guard statistics.isComplete else {
      throw SurgeonError(
        .invalidData, "the statistics are not complete",
        detail: "\(statistics.completeGroups) of \(statistics.groupCount) groups are measured",
        hint: "measure the next group from this file, or merge the shards first")
    }
    try requireFit(statistics)
    try requireVariation(in: statistics, at: plan.sites)
    var result = model
    for site in plan.sites { try result.setStatistics(statistics, of: site) }
    return result
  }

  /// What `model(with:)` will return, with zeros for statistics: for a file that is begun before they are
  /// measured (`ModelDraft`).
  ///
  /// - Throws: `impossible` where a statistic of the batch is read elsewhere; what reading a constant
  ///   throws.
  public func outline() throws(SurgeonError) -> Model {
    var result = model
    for site in plan.sites { try result.reserveStatistics(of: site) }
    return result
  }

  /// Old and new statistics of every site.
  public func report(_ statistics: CollectedStatistics) throws(SurgeonError) -> CalibrationReport {
    try CalibrationReport(sites: plan.sites, skipped: plan.skipped, statistics, in: model)
  }
}
