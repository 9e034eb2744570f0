/// The files of the repository's fixtures/ folder.
public enum Fixture {
  /// - Parameter name: a path below fixtures/.
  public static func path(_ name: String, file: String = #filePath) -> String {
    let root = file.split(separator: "/").dropLast(3).joined(separator: "/")
    return "/\(root)/fixtures/\(name)"
  }
}
