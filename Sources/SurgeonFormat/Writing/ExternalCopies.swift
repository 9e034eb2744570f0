internal import SurgeonIR
internal import SurgeonLibc

/// Sees to it that the external-data files which a written model refers to lie beside it.
struct ExternalCopies {
  let source: ModelFile
  let directory: String

  init(_ source: ModelFile, besideOutput path: String) {
    self.source = source
    directory = ExternalFiles.directory(of: path)
  }

  /// Copies what is missing (also the locations `others`), and returns the paths of what was made.
  /// Files that are in place already, because the output shares the input's directory, are left
  /// alone.
  ///
  /// Nothing is linked: onnx refuses to read external data that has more than one name.
  func provide(for pieces: PieceList, and others: [String]) throws(SurgeonError) -> [String] {
    guard !source.externalTensors.isEmpty, !isInPlace else { return [] }
    var made: [String] = []
    for location in try locations(in: pieces, others) {
      let target = "\(directory)/\(location)"
      if try provide(location, at: target) { made.append(target) }
    }
    return made
  }

  private var isInPlace: Bool {
    guard let old = source.externalFiles.directory else { return false }
    var (a, b) = (stat(), stat())
    return stat(old, &a) == 0 && stat(directory, &b) == 0 && a.st_dev == b.st_dev
      && a.st_ino == b.st_ino
  }

  /// The locations that tensors in the written ranges of the input refer to, in order.
  private func locations(
    in pieces: PieceList, _ others: [String]
  ) throws(SurgeonError) -> [String] {
    let decoder = MessageDecoder(source.file)
    let written: [Range<Int>] = pieces.contents.compactMap { content in
      if case .file(let file, let range) = content, file === source.file { range } else { nil }
    }
    var result = others
    for tensor in source.externalTensors
    where written.contains(where: { $0.overlaps(tensor) }) {
      guard let location = try decoder.externalLocation(tensor), !result.contains(location)
      else { continue }
      result.append(location)
    }
    return result
  }

  /// False where the file is there already.
  private func provide(_ location: String, at target: String) throws(SurgeonError) -> Bool {
    let original = try source.externalFiles.resolvedPath(location)
    var (wanted, found) = (stat(), stat())
    if stat(target, &found) == 0 {
      let isSame =
        stat(original, &wanted) == 0 && wanted.st_dev == found.st_dev
        && wanted.st_ino == found.st_ino
      if isSame { return false }
      guard try haveEqualContents(original, target) else {
        throw SurgeonError(
          .io, "cannot put external data at '\(target)': another file is there",
          hint: "choose another directory, or use --external-data for a file of its own")
      }
      return false
    }
    try makeFolders(for: location)
    let data = try SourceFile(path: original)
    var whole = PieceList()
    whole.append(data, 0..<data.count)
    let copy = try AtomicFile.replacing(target)
    try copy.write(whole)
    try copy.commit()
    return true
  }

  private func haveEqualContents(_ a: String, _ b: String) throws(SurgeonError) -> Bool {
    let (a, b) = (try SourceFile(path: a), try SourceFile(path: b))
    return a.count == b.count && memcmp(a.base, b.base, a.count) == 0
  }

  private func makeFolders(for location: String) throws(SurgeonError) {
    var path = directory
    for folder in location.split(separator: "/").dropLast() {
      path += "/\(folder)"
      if mkdir(path, 0o777) != 0, errno != EEXIST { throw .system("cannot make '\(path)'", errno) }
    }
  }
}
