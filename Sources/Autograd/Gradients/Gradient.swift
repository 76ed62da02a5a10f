internal import UnrollArrays

/// The gradient of a scalar function: the derivative of the result by each number in `x`.
///
///     let slope = gradient(at: Tensor([3])) { x in (x * x).sum() }
///     print(slope)  // 6
///
/// Gradients can be differentiated again, to any depth. Parts of `x` that the result does not depend on have a zero gradient.
/// If it depends on no part, the program stops unless `allowingNoPath` is set: this is what a closure returns that uses an
/// outer variable instead of its parameter, and zeros would hide the mistake.
public func gradient<T: TensorGroup>(at x: T, checking: Bool = false, allowingNoPath: Bool = false, of f: (T) throws -> Tensor)
  rethrows -> T
{
  try differentiated(x, checking, allowingNoPath) { (try f($0), NoResult()) }.gradient
}

/// The gradients of a scalar function of two values.
///
///     let (byX, byY) = gradient(at: Tensor([2]), Tensor([5])) { x, y in (x * y).sum() }
///     print(byX, byY)  // 5, 2
public func gradient<T: TensorGroup, U: TensorGroup>(
  at x: T, _ y: U, checking: Bool = false, allowingNoPath: Bool = false, of f: (T, U) throws -> Tensor
) rethrows -> (T, U) {
  let pair = try gradient(at: Two(first: x, second: y), checking: checking, allowingNoPath: allowingNoPath) {
    try f($0.first, $0.second)
  }
  return (pair.first, pair.second)
}

/// A scalar function's value and its gradient.
///
///     let (loss, slope) = valueAndGradient(at: [1, 2, 3] as Tensor) { x in (x * x).sum() }
///     print(loss, slope)  // 14 and 2, 4, 6
///
/// The value is returned as if no gradient had been requested: it is recorded only if it depends on something recorded outside
/// the closure. With `checking`, the program stops at the first operation whose result or derivative is not finite, and names
/// it.
public func valueAndGradient<T: TensorGroup>(
  at x: T, checking: Bool = false, allowingNoPath: Bool = false, of f: (T) throws -> Tensor
) rethrows -> (value: Tensor, gradient: T) {
  let (value, _, gradient) = try differentiated(x, checking, allowingNoPath) { (try f($0), NoResult()) }
  return (value, gradient)
}

/// A scalar function's value, its auxiliary result, and its gradient.
///
///     let x: Tensor = [1, 2, 3]
///     let (loss, doubled, slope) = valueAndGradient(at: x) { x in ((x * x).sum(), x * 2) }
///     print(loss, doubled, slope)
public func valueAndGradient<T: TensorGroup, A: TensorGroup>(
  at x: T, checking: Bool = false, allowingNoPath: Bool = false, of f: (T) throws -> (Tensor, A)
) rethrows -> (value: Tensor, auxiliary: A, gradient: T) {
  try differentiated(x, checking, allowingNoPath, f)
}

/// A scalar function's value, two more results, and its gradient.
public func valueAndGradient<T: TensorGroup, A: TensorGroup, B: TensorGroup>(
  at x: T, checking: Bool = false, allowingNoPath: Bool = false, of f: (T) throws -> (Tensor, A, B)
) rethrows -> (value: Tensor, A, B, gradient: T) {
  let (value, rest, gradient) = try differentiated(x, checking, allowingNoPath) { x in
    let (value, a, b) = try f(x)
    return (value, Two(first: a, second: b))
  }
  return (value, rest.first, rest.second, gradient)
}

/// A scalar function's value, three more results, and its gradient.
public func valueAndGradient<T: TensorGroup, A: TensorGroup, B: TensorGroup, C: TensorGroup>(
  at x: T, checking: Bool = false, allowingNoPath: Bool = false, of f: (T) throws -> (Tensor, A, B, C)
) rethrows -> (value: Tensor, A, B, C, gradient: T) {
  let (value, rest, gradient) = try differentiated(x, checking, allowingNoPath) { x in
    let (value, a, b, c) = try f(x)
    return (value, Two(first: a, second: Two(first: b, second: c)))
  }
  return (value, rest.first, rest.second.first, rest.second.second, gradient)
}

/// Two values as one.
package struct Two<First: TensorGroup, Second: TensorGroup>: TensorGroup {
  package var first: First
  package var second: Second

  package init(first: First, second: Second) {
    self.first = first
    self.second = second
  }

  package mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    first.visitTensors(visit)
    second.visitTensors(visit)
  }
}

struct NoResult: TensorGroup {}

extension Traversal {
  /// Stops if a result depends on none of the targets.
  func requirePath(from value: Tensor, _ targets: [Node]) {
    require(
      targets.isEmpty || value.source.map { survey.reaches($0.node) } ?? false,
      "gradient: the result does not depend on what its gradient is asked for: the closure uses another value instead of its "
        + "parameter, such as the variable outside, or only detached numbers of it (allowingNoPath gives zeros)")
  }
}

/// Labels the parameter, runs the function, and walks back.
private func differentiated<T: TensorGroup, A: TensorGroup>(
  _ x: T, _ checking: Bool, _ allowingNoPath: Bool, _ f: (T) throws -> (Tensor, A)
) rethrows -> (value: Tensor, auxiliary: A, gradient: T) {
  let run = Run()
  let (labelled, targets) = x.labelled(run, watch: checking ? .checks : [])
  var (value, auxiliary) = try f(consume labelled)
  require(value.count == 1, "gradient: the function returned shape \(value.shape); it must return one number")
  var seeds: [(Edge, Tensor)] = []
  if let source = value.source { seeds.append((source, Tensor.ones(value.shape, value.type))) }
  let traversal = Traversal(below: [value] + auxiliary.tensors, targets: targets)
  if !allowingNoPath { traversal.requirePath(from: value, targets) }
  value = traversal.leaving(value)
  auxiliary.visitTensors { $0 = traversal.leaving($0) }
  let found = ReverseWalk.cotangents(consume traversal, consume seeds, targetCount: targets.count)
  return (value, auxiliary, x.cotangent(found, run.frozen(targets)))
}

extension TensorGroup {
  /// The same value with every tensor labelled, and the labels.
  func labelled(_ run: Run, watch: Watch = [], nesting: Int32 = 1) -> (Self, [Node]) {
    var labels: [Node] = []
    let labelled = mappingTensors { tensor in
      let label = tensor.labelled(run, watch: watch, nesting: nesting)
      if let node = label.source?.node { labels.append(node) }
      // A frozen tensor is passed without its label, so no cotangent reaches it.
      return tensor.isFrozen ? tensor.detached() : label
    }
    return (labelled, labels)
  }

  /// The cotangents found at the labels of this value, and zeros elsewhere; `frozen` is empty where no label is frozen.
  func cotangent(_ found: [[Tensor?]], _ frozen: [Bool]) -> Self {
    replacingTensors(
      tensors.enumerated().map { i, x in
        if let g = found[i].first ?? nil { return g }
        return x.isFrozen || (!frozen.isEmpty && frozen[i]) ? x.zeros.frozen() : x.zeros
      })
  }
}

extension Tensor {
  /// Zeros of this shape and type.
  package var zeros: Tensor { Tensor.zeros(shape, type) }
}
