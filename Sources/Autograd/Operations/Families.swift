package import UnrollArrays

/// An operation with one input and one result.
package protocol OneInput: Operation {
  func value(_ x: NDArray) -> NDArray
}

extension OneInput {
  package func forward(_ x: [NDArray]) -> Values { Values([value(x[0])]) }

  package func callAsFunction(_ x: Tensor) -> Tensor {
    let y = value(x.numbers.array)
    return x.source == nil ? Tensor(y) : recorded(x, nil, y)
  }
}

/// An operation with two inputs and one result.
package protocol TwoInputs: Operation {
  func value(_ x: NDArray, _ y: NDArray) -> NDArray
}

extension TwoInputs {
  package func forward(_ x: [NDArray]) -> Values { Values([value(x[0], x[1])]) }

  package func callAsFunction(_ x: Tensor, _ y: Tensor) -> Tensor {
    let z = value(x.numbers.array, y.numbers.array)
    return x.source == nil && y.source == nil ? Tensor(z) : recorded(x, y, z)
  }
}

/// An operation with one input whose derivative at each element depends only on that element.
package protocol Elementwise: OneInput {
  /// The arrays that the derivative reads.
  var reads: Keeps { get }
  /// dy/dx of every element.
  func derivative(_ context: Context) -> Tensor
}

extension Elementwise {
  package func keeps(recorded: (Int) -> Bool) -> Keeps { reads }
  package func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { Few(g[0].map { $0 * derivative(context) }) }
  package func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { pullback(t, context) }
}

/// A linear map of one input: its pushforward is the map itself, its pullback the transposed map.
package protocol LinearMap: OneInput {
  /// The transposed map of a cotangent, for an input of the given shape. A result that only needs summing or broadcasting to
  /// that shape may be returned as it is.
  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor
}

extension LinearMap {
  package func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    Few(g[0].map { transposed($0, context.shape()) })
  }
  package func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { Few(t[0].map { self($0) }) }
}

/// A product of two inputs, linear in each.
package protocol Bilinear: TwoInputs {
  /// The cotangent of the first input, given the second, and of the second, given the first.
  func transposedFirst(_ g: Tensor, _ y: Tensor) -> Tensor
  func transposedSecond(_ g: Tensor, _ x: Tensor) -> Tensor
}

extension Bilinear {
  /// Each factor is needed only for the derivative by the other.
  package func keeps(recorded: (Int) -> Bool) -> Keeps {
    (recorded(1) ? .inputs(0) : .nothing) + (recorded(0) ? .inputs(1) : .nothing)
  }

  package func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    guard let g = g[0] else { return Few(nil, nil) }
    return Few(
      context.wants(0) ? transposedFirst(g, context.input(1)) : nil,
      context.wants(1) ? transposedSecond(g, context.input(0)) : nil)
  }

  package func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    Few(sum(t[0].map { self($0, context.input(1)) }, t[1].map { self(context.input(0), $0) }))
  }
}

/// An operation whose value, and perhaps first derivative, come from kernels, with a reference in tensor arithmetic that all other
/// derivatives come from.
package protocol Fused: Operation {
  /// The results of the inputs in tensor arithmetic.
  func reference(_ inputs: [Tensor], _ context: Context) -> [Tensor]
  /// The cotangents of the inputs, where nothing will be differentiated again; by default those of the reference.
  func cotangents(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?>
  /// The cotangents of the last inputs, which the reference does not read; by default it reads all.
  func otherCotangents(_ context: Context) -> [Tensor?]
}

extension Fused {
  package func keeps(recorded: (Int) -> Bool) -> Keeps { .allInputs }
  package func otherCotangents(_ context: Context) -> [Tensor?] { [] }
  package func cotangents(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { referencePullback(g, context) }

  package func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let isRecorded = referenceInputs(context).contains(where: \.isRecorded) || g.contains { $0?.isRecorded ?? false }
    return isRecorded ? referencePullback(g, context) : cotangents(g, context)
  }

  package func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let inputs = referenceInputs(context)
    let directions = zip(inputs, t).map { $1 ?? Tensor.zeros($0.shape, $0.type) }
    return Few(tangent(at: inputs, along: directions) { reference($0, context) }.tangent)
  }

  private func referencePullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let given = g.enumerated().map { $1 ?? Tensor.zeros(context.outputShape($0), context.type) }
    let found: [Tensor?] = UnrollAutograd.pullback(at: referenceInputs(context)) { reference($0, context) }.pullback(given)
    return Few(found + otherCotangents(context))
  }

  private func referenceInputs(_ context: Context) -> [Tensor] {
    (0..<(context.inputCount - otherCotangents(context).count)).map { context.input($0) }
  }
}

/// The sum of two terms, either of which may be nil for zero.
package func sum(_ a: Tensor?, _ b: Tensor?) -> Tensor? {
  guard let a else { return b }
  guard let b else { return a }
  return a + b
}
