internal import SurgeonFormat
public import SurgeonIR
internal import SurgeonLibc

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// Collected statistics as a JSON file; a Float64 comes back as it was.
public enum StatisticsFile {
  /// - Throws: `io` or `invalidData`.
  public static func read(_ path: String) throws(SurgeonError) -> CollectedStatistics {
    let data = Data(try WholeFile.read(path))
    guard let statistics = try? JSONDecoder().decode(CollectedStatistics.self, from: data) else {
      throw SurgeonError(.invalidData, "'\(path)' is no statistics file")
    }
    guard statistics.version == CollectedStatistics.currentVersion else {
      throw SurgeonError(
        .invalidData, "'\(path)' is of version \(statistics.version)",
        hint: "this surgeon reads version \(CollectedStatistics.currentVersion)")
    }
    if let flaw = statistics.flaw {
      throw SurgeonError(
        .invalidData, "'\(path)' holds what cannot have been measured", detail: flaw,
        hint: "was it edited? measure anew, with another file for --stats")
    }
    return statistics
  }

  /// True where there is a file to go on from.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Replaces the file as a whole, where something else is in it.
  public static func write(_ statistics: CollectedStatistics, to path: String) throws(SurgeonError)
  {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let bytes: [UInt8]
    do {
      bytes = Array(try encoder.encode(statistics))
    } catch {
      throw SurgeonError(.io, "cannot write '\(path)'", detail: "\(error)")
    }
    guard (try? WholeFile.read(path)) != bytes else { return }
    try WholeFile.write([TensorBytes(bytes)], to: path)
  }
}
