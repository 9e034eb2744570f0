internal import CDnnlLoader
internal import SurgeonIR
internal import SurgeonThreads

/// The oneDNN library of the system.
enum OneDNN {
  /// Loads the library unless it is loaded.
  ///
  /// - Throws: `impossible`, saying what to install.
  static func load() throws(SurgeonError) {
    if let message = PreparationMeter.library.measure({ dl_load() }) {
      throw SurgeonError(
        .impossible, "the fast engine needs oneDNN, which cannot be loaded",
        detail: String(cString: message),
        hint: "install it (Debian, Ubuntu: libdnnl-dev; Homebrew: onednn), "
          + "or choose the reference engine")
    }
  }

  /// Makes primitives of the calling thread use `threads` threads (0: one for each processor).
  static func use(threads: Int) {
    dl_set_threads(Int32(threads > 0 ? threads : ThreadPool.processorCount))
  }

  /// - Throws: `internalError` naming oneDNN's status code.
  static func check(_ status: Int32, _ action: String) throws(SurgeonError) {
    guard status == 0 else {
      throw SurgeonError(.impossible, "oneDNN cannot \(action)", detail: "its status is \(status)")
    }
  }
}

/// An operation compiled by oneDNN for one set of shapes.
final class Primitive: @unchecked Sendable {
  // Unchecked: executed by one run at a time, which the kernel that owns it sees to.
  let raw: OpaquePointer

  /// True where oneDNN has only its plain loops, which are slower than this package's.
  let isSlow: Bool

  /// True for the family of implementations that multiply batches of small matrices, the fastest
  /// for channels-last values.
  let isBatched: Bool

  /// True for oneDNN's general matrix product, and a convolution that unfolds its input for it: they
  /// share the terms of a sum among threads, and so round differently for each number of them.
  let isMatrixProduct: Bool

  /// Takes over what `make` creates; nil where oneDNN has no implementation.
  ///
  /// - Parameter meter: what its making counts as.
  init?(
    countedBy meter: PreparationMeter = .primitives,
    _ make: (UnsafeMutablePointer<OpaquePointer?>) -> Int32
  ) {
    var created: OpaquePointer?
    let status = meter.measure(amount: 1) { make(&created) }
    guard status == 0, let created else { return nil }
    raw = created
    let name = String(cString: dl_implementation(raw))
    isSlow = name.hasPrefix("ref")
    isBatched = name.hasPrefix("brg")
    isMatrixProduct = name.split(separator: ":").contains("gemm")
  }

  deinit { dl_destroy(raw) }

  /// The implementation that oneDNN picked.
  var implementation: String { String(cString: dl_implementation(raw)) }

  /// Runs on memory in the order that the function that made the primitive documents.
  func execute(_ arguments: [any PrimitiveArgument]) throws(SurgeonError) {
    // The pointers do not keep what they point to alive.
    let status = withExtendedLifetime(arguments) { execute(arguments.map { $0.address }) }
    try check(status)
  }

  /// The same; the caller keeps the memory alive. Returns oneDNN's status.
  ///
  /// - Parameters:
  ///   - threads: keeps it to so many threads of those that it was made for; 0: all. Only for
  ///     convolutions.
  ///   - scratch: what `scratch` gives, where that is something.
  func execute(
    _ addresses: [UnsafeRawPointer], atMost threads: Int = 0, scratch: PooledBlock? = nil
  ) -> Int32 {
    withExtendedLifetime(scratch) {
      dl_execute(raw, addresses, Int32(addresses.count), Int32(threads), scratch?.base)
    }
  }

  /// What a run of the primitive needs, from the memory of values, where it is much: megabytes that a
  /// thread kept for itself would not be there for the values of other nodes.
  ///
  /// - Throws: `impossible` where the machine has not that much memory.
  func scratch(_ context: ExecutionContext) throws(SurgeonError) -> PooledBlock? {
    let size = dl_scratch_size(raw)
    return size < Self.muchScratch ? nil : try context.allocate(byteCount: size)
  }

  private static let muchScratch = 1 << 18

  /// - Throws: `impossible` where `status` is not success.
  func check(_ status: Int32) throws(SurgeonError) {
    if status != 0 { try OneDNN.check(status, "execute \(implementation)") }
  }
}

/// Something in memory that a primitive reads or writes.
protocol PrimitiveArgument {
  var address: UnsafeRawPointer { get }
}

/// The few most recent primitives of a kernel, by the shapes they are for.
struct PrimitiveCache<Key: Hashable & Sendable, Entry: Sendable>: Sendable {
  private var entries: [(key: Key, entry: Entry)] = []
  private let limit = 8

  mutating func entry(
    for key: Key, make: () throws(SurgeonError) -> Entry
  ) throws(SurgeonError) -> Entry {
    if let found = entries.first(where: { $0.key == key }) { return found.entry }
    let entry = try make()
    if entries.count == limit { entries.removeFirst() }
    entries.append((key, entry))
    return entry
  }
}

extension dl_layout {
  /// Float32 elements of `shape` with strides in elements.
  init(shape: [Int], strides: [Int]) {
    self.init()
    rank = Int32(shape.count)
    withUnsafeMutableBytes(of: &sizes) { raw in
      let sizes = raw.assumingMemoryBound(to: Int64.self)
      for (axis, size) in shape.enumerated() { sizes[axis] = Int64(size) }
    }
    withUnsafeMutableBytes(of: &self.strides) { raw in
      let target = raw.assumingMemoryBound(to: Int64.self)
      for (axis, stride) in strides.enumerated() { target[axis] = Int64(stride) }
    }
  }

  /// Elements of `shape` in an arrangement that oneDNN chooses.
  static func any(_ shape: [Int]) -> dl_layout {
    dl_layout(shape: shape, strides: shape.map { _ in 0 })
  }

  init(_ tensor: StridedTensor) { self.init(shape: tensor.shape, strides: tensor.strides) }
}
