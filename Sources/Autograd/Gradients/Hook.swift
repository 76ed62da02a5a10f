internal import UnrollArrays

/// The identity; its cotangent passes through a closure in the backward pass.
struct Hook: OneInput {
  let replace: Deferred<@Sendable (Tensor) -> Tensor>
  /// Whether the closure depends on nothing but the cotangent, so that a trace may call it once for all steps.
  var isPure = false
  func value(_ x: NDArray) -> NDArray { x }
  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { [g[0].map(replace.value)] }
  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { t }
}

extension Tensor {
  /// The same numbers. In the backward pass, the closure replaces the cotangent that arrives here.
  ///
  ///     let slope = gradient(at: Tensor([1, 2])) { x in
  ///       x.replacingCotangent { g in g.clipped(minimum: -1, maximum: 1) }.square().sum()
  ///     }
  public func replacingCotangent(_ replace: @escaping @Sendable (Tensor) -> Tensor) -> Tensor {
    Hook(replace: Deferred(replace))(self)
  }

  /// The same for a closure without side effects.
  package func replacingCotangentPurely(_ replace: @escaping @Sendable (Tensor) -> Tensor) -> Tensor {
    Hook(replace: Deferred(replace), isPure: true)(self)
  }

  /// The same numbers. In the backward pass, the closure observes the cotangent that arrives here.
  ///
  ///     let slope = gradient(at: Tensor([1, 2])) { x in x.observingCotangent { print($0) }.square().sum() }
  public func observingCotangent(_ observe: @escaping @Sendable (Tensor) -> Void) -> Tensor {
    replacingCotangent { g in
      observe(g)
      return g
    }
  }
}

/// A scalar function's value and gradient, and the cotangents at intermediate tensors, which the function returns.
///
/// The cotangent of such a tensor is the derivative of the result by it, with everything computed from it following: it counts
/// all paths through the tensor, and no others. nil where no cotangent arrives.
package func watchedGradient<T: TensorGroup>(
  at x: T, of f: (T) throws -> (value: Tensor, watched: [Tensor])
) rethrows -> (value: Tensor, watched: [Tensor?], gradient: T) {
  let run = Run()
  let (labelled, targets) = x.labelled(run)
  let (value, watched) = try f(consume labelled)
  require(value.count == 1, "gradient: the function returned shape \(value.shape); it must return one number")
  let seeds = value.source.map { [($0, Tensor.ones(value.shape, value.type))] } ?? []
  let traversal = Traversal(below: [value], targets: targets)
  let result = traversal.leaving(value)
  let sources = watched.map(\.source)
  let walk = ReverseWalk.cotangents(
    consume traversal, seeds, targetCount: targets.count, watching: sources.compactMap { $0?.node })
  var seen = walk.seen.makeIterator()
  let cotangents = sources.map { source -> Tensor? in
    guard let source, let outputs = seen.next(), outputs.indices.contains(source.slot) else { return nil }
    return outputs[source.slot]
  }
  withExtendedLifetime(run) {}
  return (result, cotangents, x.replacingTensors(zip(x.tensors, walk.found).map { x, g in (g.first ?? nil) ?? x.zeros }))
}
