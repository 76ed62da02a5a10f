internal import UnrollArrays

/// A function's result and its pullback, which takes a cotangent of the result to the cotangents of `x`, any number of times.
///
///     let (y, pullback) = pullback(at: Tensor([1, 2])) { x in x * x }
///     print(y, pullback(Tensor([1, 10])))  // 1, 4 and 2, 40
public func pullback<T: TensorGroup, R: TensorGroup>(
  at x: T, of f: (T) throws -> R
) rethrows -> (value: R, pullback: @Sendable (R) -> T) {
  let record = try Recording(x, f)
  return (record.value, { record.pulled($0) })
}

/// A function's result and its tangent (the Jacobian–vector product): the derivative of the result along a direction.
///
///     let (y, t) = tangent(at: Tensor([1, 2]), along: Tensor([1, 0])) { x in x * x }
///     print(y, t)  // 1, 4 and 2, 0
public func tangent<T: TensorGroup, R: TensorGroup>(
  at x: T, along direction: T, of f: (T) throws -> R
) rethrows -> (value: R, tangent: R) {
  let record = try Recording(x, f)
  return (record.value, record.pushed(direction))
}

/// A computation that is recorded once and can be walked any number of times.
struct Recording<T: TensorGroup, R: TensorGroup>: Sendable {
  let x: T
  /// The result as it leaves the closure.
  let value: R
  private let run: Run
  private let recorded: [Tensor]
  private let traversal: Traversal
  private let targetCount: Int
  private let frozen: [Bool]

  init(_ x: T, _ f: (T) throws -> R) rethrows {
    self.x = x
    run = Run()
    let (labelled, targets) = x.labelled(run)
    let result = try f(labelled)
    recorded = result.tensors
    targetCount = targets.count
    frozen = run.frozen(targets)
    let traversal = Traversal(below: recorded, targets: targets)
    self.traversal = traversal
    value = result.mappingTensors { traversal.leaving($0) }
  }

  func pulled(_ cotangents: R) -> T {
    let given = cotangents.tensors
    requireShapes("pullback", "cotangent", "result", given, recorded)
    let seeds = zip(recorded, given).compactMap { result, g in result.source.map { ($0, g) } }
    let found = ReverseWalk.cotangents(traversal, seeds, targetCount: targetCount)
    return x.cotangent(found, frozen)
  }

  func pushed(_ direction: T) -> R {
    let given = direction.tensors
    requireShapes("tangent", "direction", "input", given, x.tensors)
    let found = ForwardWalk.tangents(traversal, recorded.map(\.source), along: given.map { [$0] })
    return value.replacingTensors(zip(recorded, found).map { result, t in t ?? result.zeros })
  }

  private func requireShapes(_ verb: String, _ noun: String, _ other: String, _ given: [Tensor], _ expected: [Tensor]) {
    require(given.count == expected.count, "\(verb): \(given.count) tensors as \(noun), but \(expected.count) as \(other)")
    for (a, b) in zip(given, expected) {
      require(a.shape == b.shape, "\(verb): a \(noun) of shape \(a.shape) does not fit the \(other)'s shape \(b.shape)")
      require(a.type == b.type, "\(verb): a \(a.type) \(noun) does not fit the \(other)'s \(b.type)")
    }
  }
}
