public import SurgeonIR
internal import Synchronization

/// A model's file that is begun while a part of the model is still being computed.
///
/// Where a few constants change, nearly all of the file are weights that do not: they are copied on a
/// thread of their own meanwhile, and `write` adds what is left. A disk that is too full shows before
/// the work instead of after it. The file appears as with `ModelWriter.write`, complete or not at all,
/// and is the same, whatever of it was there before.
///
/// ```swift
/// let draft = try ModelDraft(of: model, to: path)
/// draft.copyWeights(of: calibrator.outline)
/// let report = try draft.write(calibrated)
/// ```
public final class ModelDraft: Sendable {
  private let path: String
  private let copying: Copying

  /// What the thread that copies shares with the one that writes.
  private final class Copying: Sendable {
    /// Nil once it is written, and where no file is begun.
    let file: Mutex<AtomicFile?>
    let isWanted = Atomic(true)

    init(_ file: consuming AtomicFile?) { self.file = Mutex(file) }
  }

  /// Begins a file at `path`, with room for as many bytes as `model` was read from.
  ///
  /// - Throws: `io` where the file cannot be written or the disk has no room for it, `impossible` for the
  ///   ending of a text format that is not written.
  public init(of model: Model, to path: String) throws(SurgeonError) {
    self.path = path
    copying = Copying(try Self.begin(path, madeFrom: model.source as? ModelFile))
  }

  /// Nil where nothing can be done ahead; whether it can be written is told nevertheless.
  private static func begin(
    _ path: String, madeFrom source: ModelFile?
  ) throws(SurgeonError) -> AtomicFile? {
    try ModelWriter.checkEnding(of: path)
    guard AtomicFile.isReplaced(path) else { return nil }
    let file = try AtomicFile.replacing(path, madeFrom: source?.path)
    // A file with a name would be left behind where the process is killed in hours of work.
    guard let source, file.isUnnamed, !ModelWriter.isText(path) else { return nil }
    try file.reserve(source.file.count)
    return file
  }

  deinit { copying.isWanted.store(false, ordering: .relaxed) }

  /// Copies what `outline` shares with the file it was read from, on a thread of its own.
  ///
  /// - Parameter outline: makes the model as it will be, as far as sizes go, on that thread. Where it or
  ///   copying fails nothing is lost: `write` does all the work then, and says what is wrong.
  /// - Returns: the work, which nobody has to wait for, and how many bytes it has put in place.
  @discardableResult
  public func copyWeights(
    of outline: @escaping @Sendable () throws(SurgeonError) -> Model
  ) -> Task<Int, Never> {
    Task.detached { [copying] in
      copying.file.withLock { file in
        guard copying.isWanted.load(ordering: .relaxed), file != nil else { return 0 }
        do throws(SurgeonError) {
          var encoder = ModelEncoder(try outline())
          let pieces = try encoder.encode()
          try file?.copyAhead(pieces) { copying.isWanted.load(ordering: .relaxed) }
        } catch {}
        return file?.bytesAhead ?? 0
      }
    }
  }

  /// Ends copying and writes the rest of the model's file.
  ///
  /// - Throws: as `ModelWriter.write` does.
  @discardableResult
  public func write(_ model: Model) throws(SurgeonError) -> ModelWriter.Report {
    copying.isWanted.store(false, ordering: .relaxed)
    let file = copying.file.withLock { $0.take() }
    return try ModelWriter.write(model, to: path, into: file)
  }
}
