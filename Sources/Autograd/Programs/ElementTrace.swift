package import UnrollArrays

/// The reason why a computation is not an elementwise function that can run in one pass.
package enum ElementObstacle: Error, Sendable, Equatable {
  /// It reads numbers, so other numbers might take another path.
  case readsNumbers
  /// It uses an operation that mixes elements, or that has no kernel.
  case operation(String)
  /// It uses a recorded tensor that is not an argument.
  case capturesRecorded
}

extension ElementProgram {
  /// Compiles a computation in tensor arithmetic, from arrays of one shape and single numbers to arrays that replace the first
  /// of the given ones; returns the obstacle if that is impossible.
  ///
  /// The computation runs once, on zeros. Results that fade are flushed to 0 where they are subnormal.
  package static func traced(
    _ shape: Shape, _ type: ElementType, arrays: Int, numbers: Int, fades: [Bool],
    _ body: (_ arrays: [Tensor], _ numbers: [Tensor]) -> [Tensor]
  ) -> Result<ElementProgram, ElementObstacle> {
    let trace = Trace()
    func probe(_ shape: Shape) -> Tensor { trace.probe(Tensor(NDArray.zeros([], type).broadcast(to: shape))) }
    let (given, single) = ((0..<arrays).map { _ in probe(shape) }, (0..<numbers).map { _ in probe([]) })
    let results = body(given, single)
    let entries = trace.takeEntries()
    if trace.readsNumbers { return .failure(.readsNumbers) }
    var rows = RowTranslation(rowCount: 1)
    for (i, tensor) in given.enumerated() { rows.set(tensor, .row(rows.graph.input(i, width: 1))) }
    for (i, tensor) in single.enumerated() { rows.set(tensor, .row(rows.graph.parameter(i, width: 1))) }
    for entry in entries { if let obstacle = rows.add(entry, elementsOf: shape) { return .failure(obstacle) } }
    var values: [(value: RowValue, fades: Bool)] = []
    for (result, fades) in zip(results, fades) {
      if result.isRecorded && !result.isTraced { return .failure(.capturesRecorded) }
      guard let number = rows.single(result, elementsOf: shape), let row = rows.row(number) else {
        return .failure(.operation("a constant whose numbers differ"))
      }
      values.append((row, fades))
    }
    guard let program = compiled(rows.graph, arrays: arrays, numbers: numbers, results: values, type) else {
      return .failure(.operation("an operation that mixes numbers"))
    }
    return .success(program)
  }
}

extension RowTranslation {
  /// Adds an elementwise operation to the graph, in which a row is one number; returns the obstacle if there is one.
  fileprivate mutating func add(_ entry: Trace.Entry, elementsOf shape: Shape) -> ElementObstacle? {
    if entry.inputs.contains(where: { $0.isRecorded && !$0.isTraced }) { return .capturesRecorded }
    let obstacle = ElementObstacle.operation(entry.operation.name)
    var inputs: [Tensor] = []
    for input in entry.inputs {
      guard let input = single(input, elementsOf: shape) else { return obstacle }
      inputs.append(input)
    }
    guard entry.outputs.count == 1, entry.outputs[0].shape == shape || entry.outputs[0].count == 1 else { return obstacle }
    switch entry.operation {
    case is Broadcasting, is Reshaping, is Detachment, is Hook:
      guard let row = row(inputs[0]) else { return obstacle }
      set(entry.outputs[0], .row(row))
    case is ElementFunction, is Negation, is any RowPairFunction, is any RowNumberFunction, is Quotient, is PowerByNumber:
      let single = Trace.Entry(operation: entry.operation, inputs: inputs, outputs: entry.outputs)
      if !add(single) { return obstacle }
    default: return obstacle
    }
    return nil
  }

  /// The tensor that represents one element of a tensor: itself if it is traced, its number if it is a uniform constant, else
  /// nil.
  fileprivate func single(_ tensor: Tensor, elementsOf shape: Shape) -> Tensor? {
    guard tensor.shape == shape || tensor.count == 1 else { return nil }
    if tensor.isTraced || tensor.count <= 1 { return tensor }
    let numbers = tensor.numbersOfConstant
    let first = numbers.reshaped([numbers.count])[0]
    return (numbers .== first).values.allSatisfy { $0 } ? Tensor(first) : nil
  }
}
