internal import UnrollArrays
public import UnrollAutograd

/// A cell whose output decays between steps: ĥ = exp(−max(0, w Δt + v)) h enters the step instead of h. The last feature of its
/// input is the gap Δt to the step before; the inner cell gets the others.
///
///     let gru = Recurrent(4, [5]) { Decaying(GRUCell($0 - 1, $1, using: &generator)) }
///     let (outputs, state) = gru(Tensor.ones([2, 6, 4]))
public struct Decaying<Cell: RecurrentCell>: ModifiedCell {
  public var cell: Cell
  /// w and v, `[2, hidden]`.
  public var decay: Tensor

  /// A cell whose output decays with the given w and v, or with 0 to start from.
  public init(_ cell: Cell, decay: Tensor? = nil) {
    self.cell = cell
    self.decay = decay ?? Tensor.zeros([2, cell.hiddenSize], cell.tensors.first?.type ?? .float32)
    checkParameters()
  }

  public var inputSize: Int? { cell.inputSize.map { $0 + 1 } }

  public mutating func visit(_ visitor: Visitor) {
    cell.visit(visitor)
    visitor("decay", &decay)
  }

  public func checkParameters() {
    cell.checkParameters()
    let (name, type) = ("\(Decaying.self)", cell.tensors.first?.type ?? decay.type)
    require(
      decay.shape == [2, cell.hiddenSize],
      "\(name): decay has the shape \(decay.shape), not \([2, cell.hiddenSize] as Shape)")
    require(decay.type == type, "\(name): decay is \(decay.type) and the cell is \(type); cast one of them")
  }

  public func project(_ x: Tensor) -> Tensor {
    let features = x.shape[x.rank - 1]
    require(features > 1, "\(Decaying.self): \(features) features are not inputs and the gap")
    let parts = x.split([features - 1, 1], axis: -1)
    return Tensor.concatenate([cell.project(parts[0]), parts[1]], axis: -1)
  }

  public func recur(_ hidden: Tensor) -> Tensor { hidden }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: Cell.State) -> Cell.State {
    let before = Before(self, projected, recurred, state)
    return cell.step(before.projected, before.recurred, before.state)
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: Cell.State, noise: [Tensor]) -> Cell.State {
    let before = Before(self, projected, recurred, state)
    return cell.step(before.projected, before.recurred, before.state, noise: noise)
  }

  /// The arguments of the inner cell's step.
  private struct Before {
    let projected: Tensor
    let recurred: Tensor
    var state: Cell.State

    init(_ outer: Decaying, _ projected: Tensor, _ recurred: Tensor, _ state: Cell.State) {
      let parts = projected.split([projected.shape[1] - 1, 1], axis: -1)
      let factor = (-(parts[1] * outer.decay[0] + outer.decay[1]).relu()).exp()
      self.projected = parts[0]
      self.recurred = outer.cell.recur(recurred * factor)
      self.state = state
      self.state.hidden = state.hidden * factor
    }
  }
}
