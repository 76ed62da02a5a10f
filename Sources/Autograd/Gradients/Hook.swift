internal import UnrollArrays

/// The identity; its cotangent passes through a closure in the backward pass.
struct Hook: Operation {
  let replace: Deferred<@Sendable (Tensor) -> Tensor>
  /// Whether the closure depends on nothing but the cotangent, so that a trace may call it once for all steps.
  var isPure = false
  func forward(_ x: [NDArray]) -> Values { Values(x) }
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
