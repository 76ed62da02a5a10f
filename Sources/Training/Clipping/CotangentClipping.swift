internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// What a cotangent may not exceed on its way back.
public enum CotangentBound: Sendable, Equatable {
  /// The 2-norm over the last axis: each row of `[batch, hidden]` by itself, scaled where it is longer, so that its direction stays
  /// and it does not depend on its batch mates.
  case norm(Double)
  /// The magnitude of each number.
  case value(Double)

  /// A cotangent within the bound; NaN stays.
  func applied(to g: Tensor) -> Tensor {
    switch self {
    case .value(let bound): return g.clipped(minimum: -bound, maximum: bound)
    case .norm(let bound):
      if g.count == 0 || g.rank == 0 { return g.clipped(minimum: -bound, maximum: bound) }
      // Divided by its largest number first, so that the squares of an exploded cotangent are finite. The norm is the same
      // whatever is divided by, so that no derivative needs to pass through it.
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
  /// The same numbers; on the way back, the cotangent that arrives here is brought within a bound. For a chosen place, such as the
  /// state between two parts of a sequence.
  ///
  ///     let slope = gradient(at: Tensor([3, 4])) { x in x.clippingCotangent(.norm(1)).square().sum() }
  ///     print(slope)  // 0.6, 0.8
  public func clippingCotangent(_ bound: CotangentBound) -> Tensor {
    bound.check("clippingCotangent")
    return replacingCotangent { bound.applied(to: $0) }
  }
}

extension RecurrentStates {
  /// The same state; on the way back, the cotangents of its tensors that arrive here are brought within a bound, each by itself.
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
  /// The same layer with a closure on the way back through time: it replaces ∂L/∂hₜ, `[batch, hidden]`, of every step, layer and
  /// direction, and what it gives is what goes on through the step and to all steps before.
  ///
  /// Parameters and their names are the same. The steps run one by one, without the kernels for whole sequences.
  ///
  ///     let lstm = LSTM(3, 4, using: &generator)
  ///     let slope = gradient(at: lstm) { lstm in
  ///       lstm.replacingCotangents { g in g.clipped(minimum: -1, maximum: 1) }(Tensor.ones([2, 5, 3])).outputs.square().sum()
  ///     }
  public func replacingCotangents(_ replace: @escaping @Sendable (Tensor) -> Tensor) -> Recurrent<HookedCell<Cell>> {
    modifyingCells { HookedCell(cell: $0, replace: replace, isPure: false) }
  }

  /// The same layer, which on the way back through time brings ∂L/∂hₜ within a bound at every step, so that it cannot explode.
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

/// A cell with a closure on the way back, through which the cotangent of each step's hidden state passes. In all else it is the inner
/// cell, draws of training included.
public struct HookedCell<Cell: RecurrentCell>: ModifiedCell {
  /// The cell that does the work.
  public var cell: Cell
  let replace: @Sendable (Tensor) -> Tensor
  /// Whether the closure is a function of the cotangent and nothing else.
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
