internal import UnrollArrays

/// exp A of square matrices. Its derivative along E is the upper right block of exp of the matrix [A E; 0 A]: the same operation.
struct MatrixExponential: OneInput {
  func value(_ x: NDArray) -> NDArray { x.matrixExponential() }
  func keeps(recorded: (Int) -> Bool) -> Keeps { .allInputs }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    [g[0].map { derivative(context.input().transposed(-2, -1), $0) }]
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { [t[0].map { derivative(context.input(), $0) }] }

  private func derivative(_ a: Tensor, _ direction: Tensor) -> Tensor {
    let n = a.shape[a.rank - 1]
    let upper = Tensor.concatenate([a, direction.broadcast(to: a.shape)], axis: -1)
    let lower = Tensor.concatenate([a * 0, a], axis: -1)
    return Tensor.concatenate([upper, lower], axis: -2).matrixExponential()[.rest, ..<n, n...]
  }
}

extension Tensor {
  /// The exponential of a square matrix, exp A = I + A + A²/2 + A³/6 + …, computed in float64.
  ///
  /// `[..., n, n]` gives the same shape. If A is antisymmetric, exp A is orthogonal.
  ///
  ///     let a: Tensor = [[0, 1], [-1, 0]]
  ///     let rotation = a.matrixExponential()  // [cos 1, sin 1], [-sin 1, cos 1]
  public func matrixExponential() -> Tensor { MatrixExponential()(self) }
}
