internal import CDnnlLoader
internal import CKernels
internal import SurgeonIR

/// Einsum as products of two operands at a time, from the left: matrix products wherever one of them
/// has letters of its own and both share letters that are summed.
struct FastEinsum: FastKernel {
  /// What is left to multiply: a value with a dimension for each of its letters.
  private struct Term {
    /// Those of more than one element, in the equation's order.
    var letters: [Int]
    var tensor: StridedTensor
    /// The input that it is as it came; nil for what was computed.
    var slot: Int?
  }

  private let constants: [Tensor?]
  private var products = PrimitiveCache<[[Int]], FastProduct?>()

  init?(_ node: NodeDescription) {
    constants = node.constants
  }

  mutating func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    var operands: [StridedTensor] = []
    for slot in call.inputs.indices {
      guard let operand = try call.strided(slot), operand.count > 0 else { return nil }
      operands.append(operand)
    }
    let equation = try EinsumEquation(call, operands.map(\.shape))
    var terms: [Term] = []
    for (slot, operand) in operands.enumerated() {
      terms.append(term(operand, slot, equation))
    }
    let output = Set(equation.outputShape.indices)
    for index in terms.indices {
      let others = terms.indices.filter { $0 != index }.flatMap { terms[$0].letters }
      terms[index] = try summed(terms[index], but: output.union(others), call)
    }
    guard var result = terms.first else { return nil }
    for index in terms.indices.dropFirst() {
      let later = terms[(index + 1)...].flatMap(\.letters)
      result = try contracted(result, terms[index], keeping: output.union(later), equation, call)
    }
    // Letters of one element, and those in the output's order.
    let strides = equation.outputShape.indices.map { letter in
      result.letters.firstIndex(of: letter).map { result.tensor.strides[$0] } ?? 1
    }
    return [.layout(result.tensor.view(shape: equation.outputShape, strides: strides))]
  }

  /// A letter that occurs twice walks the diagonal; an axis of one element is repeated.
  private func term(
    _ operand: StridedTensor, _ slot: Int, _ equation: EinsumEquation
  ) -> Term {
    var strides: [Int: Int] = [:]
    for (axis, letter) in equation.letters[slot].enumerated() where operand.shape[axis] > 1 {
      strides[letter, default: 0] += operand.strides[axis]
    }
    let letters = strides.keys.sorted()
    let view = operand.view(
      shape: letters.map { equation.sizes[$0] }, strides: letters.map { strides[$0] ?? 0 })
    return Term(letters: letters, tensor: view, slot: slot)
  }

  private func constant(_ term: Term) -> Tensor? {
    guard let slot = term.slot, slot < constants.count else { return nil }
    return constants[slot]
  }

  /// The sum over the letters that are not in `kept`.
  private func summed(
    _ term: Term, but kept: Set<Int>, _ call: KernelCall
  ) throws(SurgeonError) -> Term {
    let axes = term.letters.indices.filter { !kept.contains(term.letters[$0]) }
    guard !axes.isEmpty else { return term }
    var x = term.tensor
    var plan = StridedReduction(x, over: axes)
    if plan == nil {
      x = try x.arranged(.rowMajor)
      plan = StridedReduction(x, over: axes)
    }
    guard let plan else { throw call.failure("an operand cannot be summed") }
    let left = term.letters.indices.filter { !axes.contains($0) }
    let y = try StridedTensor(
      shape: left.map { x.shape[$0] }, strides: left.map { plan.resultStrides[$0] }, call.context)
    withExtendedLifetime(y) {
      withUnsafeTemporaryAllocation(of: Double.self, capacity: plan.resultCount) { numbers in
        guard let numbers = numbers.baseAddress else { return }
        plan.run(CK_SUM, into: numbers, threads: call.threads)
        for index in 0..<plan.resultCount { y.base[index] = Float(numbers[index]) }
      }
    }
    return Term(letters: left.map { term.letters[$0] }, tensor: y)
  }

  /// The product of two terms, summed over what nobody needs any more.
  private mutating func contracted(
    _ a: Term, _ b: Term, keeping kept: Set<Int>, _ equation: EinsumEquation, _ call: KernelCall
  ) throws(SurgeonError) -> Term {
    let shared = a.letters.filter { b.letters.contains($0) }
    let depth = shared.filter { !kept.contains($0) }
    let isMatrixProduct = shared.count < max(a.letters.count, b.letters.count) && !depth.isEmpty
    guard isMatrixProduct else {
      let whole = try multiplied(a, b, equation, call)
      return depth.isEmpty ? whole : try summed(whole, but: kept, call)
    }
    // What is constant is rearranged once as the right factor.
    let (left, right) = constant(a) != nil && constant(b) == nil ? (b, a) : (a, b)
    return try product(left, right, shared.filter(kept.contains), depth, equation, call)
  }

  /// The product element by element, without a sum.
  private func multiplied(
    _ a: Term, _ b: Term, _ equation: EinsumEquation, _ call: KernelCall
  ) throws(SurgeonError) -> Term {
    let letters = Set(a.letters + b.letters).sorted()
    func spread(_ term: Term) -> StridedTensor {
      let places = letters.map { term.letters.firstIndex(of: $0) }
      return term.tensor.view(
        shape: places.map { $0.map { term.tensor.shape[$0] } ?? 1 },
        strides: places.map { $0.map { term.tensor.strides[$0] } ?? 1 })
    }
    let shape = letters.map { equation.sizes[$0] }
    let (x, operand) = a.letters.count >= b.letters.count ? (a, b) : (b, a)
    let y = try ElementwiseChain(steps: [.init(op: CK_MULTIPLY, operand: spread(operand))])
      .run(spread(x), shape: shape, .rowMajor, call.context)
    return Term(letters: letters, tensor: y)
  }

  private mutating func product(
    _ a: Term, _ b: Term, _ stack: [Int], _ depth: [Int], _ equation: EinsumEquation,
    _ call: KernelCall
  ) throws(SurgeonError) -> Term {
    // The summed letters in the order of the right factor's memory.
    let depth = depth.sorted { stride(of: $0, in: b) > stride(of: $1, in: b) }
    let shared = stack + depth
    let rows = a.letters.filter { !shared.contains($0) }
    let columns = b.letters.filter { !shared.contains($0) }
    func size(_ letters: [Int]) -> Int { letters.reduce(1) { $0 * equation.sizes[$1] } }
    let (s, m, k, n) = (size(stack), size(rows), size(depth), size(columns))
    let left = try matrices(a, [stack, rows, depth], call)
    let y = try call.result([s, m, n], .rowMajor)
    let letters = stack + rows + columns
    let shape = letters.map { equation.sizes[$0] }
    let result = Term(
      letters: letters,
      tensor: y.view(shape: shape, strides: Arrangement.rowMajor.strides(for: shape)))

    if s == 1, let constant = constant(b, depth, columns) {
      let key = [left.shape, left.strides, [k, n, b.slot ?? 0]]
      let found = try products.entry(for: key) { () throws(SurgeonError) in
        try FastProduct(
          left: dl_layout(shape: [m, k], strides: Array(left.strides[1...])),
          right: .any([k, n]), shape: [k, n],
          constant: constant.tensor.reshaped(constant.isTransposed ? [n, k] : [k, n]),
          isTransposed: constant.isTransposed, bias: dl_layout(),
          result: dl_layout([m, n], .rowMajor), rows: m, call.context)
      }
      if let found {
        try found.execute(left, nil, bias: nil, into: y, call.context)
        return result
      }
    }
    let right = try matrices(b, [stack, depth, columns], call)
    let key = [left.shape, left.strides, right.shape, right.strides]
    let found = try products.entry(for: key) { () throws(SurgeonError) in
      try FastProduct(
        left: dl_layout(left), right: dl_layout(right), shape: [s, k, n], constant: nil,
        bias: dl_layout(), result: dl_layout([s, m, n], .rowMajor), rows: s * m, call.context)
    }
    if let found {
      try found.execute(left, right, bias: nil, into: y, call.context)
      return result
    }
    let places = (0..<s).map { index in
      MatrixProduct.Place(
        left: index * left.strides[0], right: index * right.strides[0], result: index * m * n)
    }
    withExtendedLifetime((left, right, y)) {
      MatrixProduct.multiply(
        rows: m, columns: n, depth: k,
        left: MatrixView(
          base: UnsafePointer(left.base), rowStride: left.strides[1], columnStride: left.strides[2]),
        right: MatrixView(
          base: UnsafePointer(right.base), rowStride: right.strides[1],
          columnStride: right.strides[2]),
        into: y.base, resultRowStride: n, stack: places, threads: call.threads)
    }
    return result
  }

  private func stride(of letter: Int, in term: Term) -> Int {
    term.letters.firstIndex(of: letter).map { term.tensor.strides[$0] } ?? 0
  }

  /// The term as a stack of matrices: the letters of each group as one dimension, where they are one
  /// in memory and a matrix has neighbours along a side; a copy otherwise.
  private func matrices(
    _ term: Term, _ groups: [[Int]], _ call: KernelCall
  ) throws(SurgeonError) -> StridedTensor {
    func size(_ letter: Int) -> Int {
      term.letters.firstIndex(of: letter).map { term.tensor.shape[$0] } ?? 1
    }
    let shape = groups.map { $0.reduce(1) { $0 * size($1) } }
    var strides = groups.compactMap { merged($0, term) }
    if strides.count == 3 {
      if shape[2] == 1 { strides[2] = 1 }
      if shape[1] == 1 { strides[1] = strides[2] == 1 ? shape[2] : 1 }
      if shape[0] == 1 { strides[0] = shape[1] * shape[2] }
      if (strides[2] == 1 && strides[1] >= shape[2]) || (strides[1] == 1 && strides[2] >= shape[1])
      {
        return term.tensor.view(shape: shape, strides: strides)
      }
    }
    let letters = groups.flatMap { $0 }
    let sizes = letters.map(size)
    let target = try StridedTensor(shape: shape, .rowMajor, call.context)
    StridedCopy.copy(
      term.tensor.view(shape: sizes, strides: letters.map { stride(of: $0, in: term) }),
      to: target.alias(shape: sizes, strides: Arrangement.rowMajor.strides(for: sizes)),
      threads: call.threads)
    return target
  }

  /// The stride of letters that are one dimension in memory; nil where they are none.
  private func merged(_ letters: [Int], _ term: Term) -> Int? {
    guard let last = letters.last else { return 1 }
    for (outer, inner) in zip(letters, letters.dropFirst()) {
      let place = term.letters.firstIndex(of: inner)
      let count = place.map { term.tensor.shape[$0] } ?? 1
      guard stride(of: outer, in: term) == count * stride(of: inner, in: term) else { return nil }
    }
    return stride(of: last, in: term)
  }

  /// A constant that is a matrix of `depth` x `columns` as the file has it, or the transposed one.
  private func constant(
    _ term: Term, _ depth: [Int], _ columns: [Int]
  ) -> (tensor: Tensor, isTransposed: Bool)? {
    guard let tensor = constant(term), let down = merged(depth, term),
      let across = columns.isEmpty ? 1 : merged(columns, term)
    else { return nil }
    let (k, n) = (
      depth.reduce(1) { $0 * (term.tensor.shape[term.letters.firstIndex(of: $1) ?? 0]) },
      columns.reduce(1) { $0 * (term.tensor.shape[term.letters.firstIndex(of: $1) ?? 0]) }
    )
    guard tensor.count == k * n else { return nil }
    if across == 1, down == n { return (tensor, false) }
    if down == 1, across == k { return (tensor, true) }
    return nil
  }
}
