internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// A bound for a cotangent during backward.
public enum CotangentBound: Sendable, Equatable {
  /// A bound for the 2-norm along the last axis. Each row of `[batch, hidden]` is scaled separately if it is longer, so that it
  /// keeps its direction and does not depend on other rows.
  case norm(Double)
  /// A bound for the magnitude of each element.
  case value(Double)

  /// The cotangent, clipped; NaN stays NaN.
  func applied(to g: Tensor) -> Tensor {
    switch self {
    case .value(let bound): return g.clipped(minimum: -bound, maximum: bound)
    case .norm(let bound):
      if g.count == 0 || g.rank == 0 { return g.clipped(minimum: -bound, maximum: bound) }
      // Dividing by the largest element first keeps the squares of an exploded cotangent finite. The norm does not depend on
      // the divisor, so no derivative needs to pass through it.
      let largest = Tensor(g.detached().array.magnitude().max(axes: -1, keepingAxes: true))
      let unit = Tensor.select(largest.array .> 0, largest, Tensor(1, g.type))
      let length = (g / unit).square().sum(axes: -1, keepingAxes: true).maximum(0x1p-100).squareRoot()
      return g * (Tensor(bound, g.type) / unit / length).minimum(1)
    }
  }

  func check(_ operation: String) {
    switch self {
    case .norm(let bound), .value(let bound):
      require(bound > 0 && bound.isFinite, "\(operation): the bound \(bound) is not a finite number above 0")
    }
  }
}

extension Tensor {
  /// The same tensor, with its cotangent clipped in backward. Use it at a chosen place, such as the state between two parts of
  /// a sequence.
  ///
  ///     let slope = gradient(at: Tensor([3, 4])) { x in x.clippingCotangent(.norm(1)).square().sum() }
  ///     print(slope)  // 0.6, 0.8
  public func clippingCotangent(_ bound: CotangentBound) -> Tensor {
    bound.check("clippingCotangent")
    return replacingCotangent { bound.applied(to: $0) }
  }
}

extension RecurrentStates {
  /// The same state, with the cotangent of each of its tensors clipped separately in backward.
  ///
  ///     let lstm = LSTM(3, 4, using: &generator)
  ///     let (early, state) = lstm(Tensor.ones([2, 50, 3]))
  ///     let (late, _) = lstm(Tensor.ones([2, 50, 3]), from: state.clippingCotangents(.norm(1)))
  public func clippingCotangents(_ bound: CotangentBound) -> RecurrentStates {
    bound.check("clippingCotangents")
    return mappingTensors { $0.replacingCotangent { bound.applied(to: $0) } }
  }
}

extension Recurrent {
  /// The same layer with a closure that replaces the cotangent ∂L/∂hₜ, `[batch, hidden]`, at every step, layer and direction of
  /// backward. The replacement is what propagates through the step and to all earlier steps.
  ///
  /// Parameters and their names do not change. The steps run one by one, without the fused kernels for whole sequences, because
  /// the closure must see each cotangent.
  ///
  ///     let lstm = LSTM(3, 4, using: &generator)
  ///     let slope = gradient(at: lstm) { lstm in
  ///       lstm.replacingCotangents { g in g.clipped(minimum: -1, maximum: 1) }(Tensor.ones([2, 5, 3])).outputs.square().sum()
  ///     }
  public func replacingCotangents(_ replace: @escaping @Sendable (Tensor) -> Tensor) -> Recurrent<HookedCell<Cell>> {
    modifyingCells { HookedCell(cell: $0, replace: replace, isPure: false) }
  }

  /// The same layer, with ∂L/∂hₜ clipped at every step of backward, so that it cannot explode.
  ///
  ///     let lstm = LSTM(3, 4, using: &generator)
  ///     let slope = gradient(at: lstm) { lstm in
  ///       lstm.clippingCotangents(.norm(1))(Tensor.ones([2, 5, 3])).outputs.square().sum()
  ///     }
  public func clippingCotangents(_ bound: CotangentBound) -> Recurrent<HookedCell<Cell>> {
    bound.check("clippingCotangents")
    return modifyingCells { HookedCell(cell: $0, replace: { bound.applied(to: $0) }, isPure: true) }
  }
}

/// A cell that passes the cotangent of each step's hidden state through a closure. Everything else, including the draws of
/// training, comes from the inner cell.
public struct HookedCell<Cell: RecurrentCell>: ModifiedCell {
  /// The inner cell.
  public var cell: Cell
  let replace: @Sendable (Tensor) -> Tensor
  /// Whether the closure depends on the cotangent alone.
  let isPure: Bool

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: Cell.State) -> Cell.State {
    hooked(cell.step(projected, recurred, state))
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: Cell.State, noise: [Tensor]) -> Cell.State {
    hooked(cell.step(projected, recurred, state, noise: noise))
  }

  private func hooked(_ state: Cell.State) -> Cell.State {
    var state = state
    state.hidden = isPure ? state.hidden.replacingCotangentPurely(replace) : state.hidden.replacingCotangent(replace)
    return state
  }
}
