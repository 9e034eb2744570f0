internal import SurgeonFormat
internal import SurgeonIR
internal import Testing

struct DatumFileTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func written(_ datum: Datum) throws -> String {
    let path = directory.file("value.pb")
    try DatumFile.write(datum, named: "v", to: path)
    return path
  }

  @Test func `a tensor keeps type, shape and numbers`() throws {
    let path = try written(.tensor(Tensor([1, 2, 3, 4, 5, 6] as [Int16], shape: [2, 3])))
    let tensor = try #require(try DatumFile.read(path: path).tensor)
    #expect(tensor.shape == [2, 3])
    #expect(try tensor.elements(as: Int16.self) == [1, 2, 3, 4, 5, 6])
  }

  @Test func `a file that is no tensor is called that`() throws {
    let path = directory.file("x.pb")
    try write([0x08, 0xFF, 0xFF], to: path)
    #expect {
      try DatumFile.read(path: path)
    } throws: { error in
      let error = error as? SurgeonError
      return error?.message == "the file is not a well-formed tensor" && error?.location == [path]
    }
  }

  @Test func `strings keep their bytes`() throws {
    let texts: [[UInt8]] = [[0xFF, 0, 0x61], []]
    let path = try written(
      .tensor(Tensor(elementType: .string, shape: [2], storage: .strings(texts))))
    guard case .strings(let read)? = try DatumFile.read(path: path).tensor?.storage else {
      Issue.record("no strings")
      return
    }
    #expect(read == texts)
  }

  @Test func `a sequence, an optional and a map come back as they were`() throws {
    let element = ValueType.tensor(.float32, nil)
    let one = Datum.tensor(Tensor([1 as Float]))
    let two = Datum.tensor(Tensor([2 as Float, 3]))

    let sequence = try DatumFile.read(
      path: try written(.sequence([one, two], elementType: element)),
      as: ValueType(.sequence(element)))
    guard case .sequence(let elements, _) = sequence else {
      Issue.record("no sequence")
      return
    }
    #expect(try elements.map { try $0.tensor?.elements(as: Float.self) } == [[1], [2, 3]])

    let absent = try DatumFile.read(
      path: try written(.optional(nil, elementType: element)), as: ValueType(.optional(element)))
    guard case .optional(nil, _) = absent else {
      Issue.record("not absent")
      return
    }

    let map = try DatumFile.read(
      path: try written(.map(keys: Tensor([7, -8] as [Int64]), values: [one, two])),
      as: ValueType(.map(key: .int64, value: element)))
    guard case .map(let keys, let values) = map else {
      Issue.record("no map")
      return
    }
    #expect(try keys.elements(as: Int64.self) == [7, -8])
    #expect(try values.map { try $0.tensor?.elements(as: Float.self) } == [[1], [2, 3]])
  }

  @Test func `every prefix of a file is read or refused`() throws {
    let path = try written(.sequence([.tensor(Tensor([1 as Float]))], elementType: nil))
    let bytes = try contents(of: path)
    for count in 0..<bytes.count {
      try write(Array(bytes.prefix(count)), to: path)
      _ = try? DatumFile.read(path: path, as: ValueType(.sequence(.tensor(.float32, nil))))
    }
  }
}
