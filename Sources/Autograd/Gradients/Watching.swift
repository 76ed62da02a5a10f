internal import UnrollArrays

/// A scalar function's value and gradient, and the cotangents at tensors on the way, which the function hands out.
///
/// The cotangent of such a tensor is the derivative of the result by it where everything computed from it follows: all paths that
/// pass it are counted, those that pass by are not. nil where nothing arrives.
package func watchedGradient<T: TensorGroup>(
  at x: T, of f: (T) throws -> (value: Tensor, watched: [Tensor])
) rethrows -> (value: Tensor, watched: [Tensor?], gradient: T) {
  let run = Run()
  let (labelled, targets) = x.labelled(run)
  let (value, watched) = try f(consume labelled)
  require(value.count == 1, "gradient: the function returned shape \(value.shape); only one number has a gradient")
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
