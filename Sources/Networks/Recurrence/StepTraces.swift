internal import UnrollArrays
internal import UnrollAutograd

/// The compiled programs of a cell's step, one for each combination of input shapes and of options of the cell.
///
/// Programs are kept because tracing costs as much as a few steps. They hold no parameter values. A program is reused for a
/// cell that is bitwise identical apart from its tensors. This is safe because a cell is a value, and its step a function of
/// what the cell holds.
final class StepTraces<Cell: RecurrentCell>: Sendable {
  private struct Entry: Sendable {
    let cell: Cell
    let image: [UInt8]
    let tensors: [Tensor]
    let given: [Shape]
    let isNoisy: Bool
    let saysCotangents: Bool
    let result: Result<TracedStep, StepTracer<Cell>.Failure>

    /// Whether the traced program is valid for a cell.
    func fits(_ cell: Cell, _ tensors: [Tensor], _ given: [Shape], isNoisy: Bool, _ type: ElementType) -> Bool {
      guard self.isNoisy == isNoisy, self.given == given, tensors.count == self.tensors.count,
        zip(tensors, self.tensors).allSatisfy({ $0.shape == $1.shape && $0.type == $1.type })
      else { return false }
      return unsafe withImage(of: cell.replacingTensors(self.tensors)) { unsafe $0.elementsEqual(image) }
    }
  }

  private let entries = Guarded<[Entry]>([])

  /// The number of programs that are kept.
  private static var capacity: Int { 8 }

  /// The number of programs kept so far.
  var count: Int { entries.withLock { $0.count } }

  /// The program of a step with rows like these, or the reason why there is none.
  func step(
    _ cell: Cell, input: Shape, state: Cell.State, draws: [Shape], factors: Shape?, _ type: ElementType,
    saysCotangents: Bool = false
  ) -> Result<TracedStep, StepTracer<Cell>.Failure> {
    let (tensors, parts) = (cell.tensors, state.tensors)
    let given = [input] + parts.map(\.shape) + draws + (factors.map { [$0] } ?? [])
    let found = entries.withLock { entries in
      entries.first { $0.saysCotangents == saysCotangents && $0.fits(cell, tensors, given, isNoisy: !draws.isEmpty, type) }
    }
    if let found { return found.result }
    if let size = cell.inputSize {
      require(input[1] == size, "\(Cell.self): inputs of \(input[1]) features do not fit weights for \(size)")
    }
    if let own = tensors.first?.type {
      require(own == type, "\(Cell.self): \(own) and \(type) do not mix; cast one of them")
    }
    func dummy(_ shape: Shape) -> Tensor { Tensor(NDArray.zeros([], type).broadcast(to: shape)) }
    let dummies = tensors.map { Tensor(NDArray.zeros([], $0.type).broadcast(to: $0.shape)) }
    let copy = cell.replacingTensors(dummies)
    let result = StepTracer(
      copy, dummy(input), state.replacingTensors(parts.map { dummy($0.shape) }), draws: draws.map(dummy),
      factors: factors.map(dummy), saysCotangents: saysCotangents
    ).traced()
    let entry = unsafe Entry(
      cell: copy, image: withImage(of: copy) { unsafe Array($0) }, tensors: dummies, given: given, isNoisy: !draws.isEmpty,
      saysCotangents: saysCotangents, result: result)
    entries.withLock { entries in
      if entries.count >= Self.capacity { entries.removeLast() }
      entries.insert(entry, at: 0)
    }
    return result
  }
}

/// Passes the bytes of a value, copied field by field into zeroed memory. Padding between fields is then zero, where a plain
/// copy would hold arbitrary bytes.
private func withImage<Value, Result>(of value: Value, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
  unsafe withUnsafePointer(to: value) { value in
    unsafe withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { copy in
      let bytes = UnsafeMutableRawBufferPointer(copy)
      unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
      guard let place = copy.baseAddress else { return unsafe body(UnsafeRawBufferPointer(bytes)) }
      unsafe place.initialize(from: value, count: 1)
      defer { unsafe place.deinitialize(count: 1) }
      return unsafe body(UnsafeRawBufferPointer(bytes))
    }
  }
}
