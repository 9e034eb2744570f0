internal import SurgeonLibc

func fileExists(_ path: String) -> Bool { access(path, R_OK) == 0 }

/// The text of a file, nil where it cannot be read.
func readFile(_ path: String) -> String? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = Array(repeating: UInt8(0), count: 1 << 16)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    if count == 0 { break }
    bytes += chunk[..<count]
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// Ends the process.
func stop(_ code: Int32) -> Never { exit(code) }
