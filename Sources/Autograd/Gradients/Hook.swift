internal import UnrollArrays

/// The identity, whose cotangent passes through a closure on its way back.
struct Hook: Operation {
  let replace: Deferred<@Sendable (Tensor) -> Tensor>
  /// Whether the closure is a function of the cotangent and nothing else, so that a trace may call it once for all steps.
  var isPure = false
  func forward(_ x: [NDArray]) -> Values { Values(x) }
  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { [g[0].map(replace.value)] }
  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { t }
}

extension Tensor {
  /// The same numbers; on the way back, the cotangent that arrives here is replaced by what the closure makes of it.
  ///
  ///     let slope = gradient(at: Tensor([1, 2])) { x in
  ///       x.replacingCotangent { g in g.clipped(minimum: -1, maximum: 1) }.square().sum()
  ///     }
  public func replacingCotangent(_ replace: @escaping @Sendable (Tensor) -> Tensor) -> Tensor {
    Hook(replace: Deferred(replace))(self)
  }

  /// The same for a closure that does nothing but compute.
  package func replacingCotangentPurely(_ replace: @escaping @Sendable (Tensor) -> Tensor) -> Tensor {
    Hook(replace: Deferred(replace), isPure: true)(self)
  }

  /// The same numbers; on the way back, the closure sees the cotangent that arrives here.
  ///
  ///     let slope = gradient(at: Tensor([1, 2])) { x in x.observingCotangent { print($0) }.square().sum() }
  public func observingCotangent(_ observe: @escaping @Sendable (Tensor) -> Void) -> Tensor {
    replacingCotangent { g in
      observe(g)
      return g
    }
  }
}
