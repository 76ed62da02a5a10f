internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// Real-time recurrent learning, exact or simplified: the influence Pₜ = ∂sₜ/∂θ of every parameter on the state is carried forward,
/// Pₜ = Jₜ Pₜ₋₁ + Iₜ.
///
/// Jₜ = ∂sₜ/∂sₜ₋₁ is the Jacobian of the step, Iₜ = ∂sₜ/∂θ with sₜ₋₁ held, both by the pullback of the cell's own step, for every cell.
/// The gradient of the loss at step t is ∂Lₜ/∂hₜ Pₜ. For a batch of b rows with n numbers of state each and p parameters, P is
/// `[b, n, p]`, and a step costs b·n walks and the product J P. The simplified influences say what they leave out of a step; they
/// take the same walks, so that they can be compared, not because they would be cheaper.
///
///     struct Tagger: Module {
///       var cell: GRUCell, head: Linear
///       mutating func visit(_ visitor: Visitor) { visitor("cell", &cell); visitor("head", &head) }
///     }
///     var tagger = Tagger(cell: GRUCell(3, 4, using: &generator), head: Linear(4, 1, using: &generator))
///     var optimizer = SGD(for: tagger, learningRate: 0.01)
///     var learner = RealTimeLearner(of: tagger.cell, batch: 2)
///     for _ in 0..<10 {
///       let step = learner.observe(Tensor.ones([2, 3]), at: tagger.cell, head: tagger.head) { head, h in
///         meanSquaredError(head(h), Tensor.ones([2, 1]))
///       }
///       optimizer.update(&tagger, along: Tagger(cell: step.model, head: step.head))
///     }
public struct RealTimeLearner<Model: Module, State: TensorGroup>: OnlineLearner {
  private let step: OnlineStep<Model, State>
  /// The influence that is carried.
  public let influence: Influence
  public private(set) var state: State
  /// Pₜ, `[batch, n, p]`.
  private(set) var influences: Tensor
  /// Where a parameter has reached a number of the state within a step: 1 or 0, `[n, p]`; for SnAp-1.
  private var reached: Tensor

  /// A learner for a cell, from a state, by default the cell's initial one. The initial state is a constant.
  public init(of cell: Model, _ influence: Influence = .rtrl, batch: Int = 1, from state: State? = nil)
  where Model: RecurrentCell, State == Model.State {
    let type = cell.tensors.first?.type ?? .float32
    self.init(OnlineStep(), cell, state ?? cell.initialState(batch: batch, type), influence)
  }

  /// A learner for a stack of layers in one direction, exact for all of them: the states of all layers together are the state. The
  /// simplified influences are defined within a layer, so that they need one learner for each cell. Dropout between layers does
  /// not act.
  ///
  ///     let gru = GRU(3, 4, layers: 2, using: &generator)
  ///     var learner = RealTimeLearner(of: gru)
  ///     let slope = learner.observe(Tensor.ones([1, 3]), at: gru) { $0.square().sum() }.model
  public init<Cell>(of network: Model, batch: Int = 1, from state: State? = nil)
  where Model == Recurrent<Cell>, State == Recurrent<Cell>.State {
    let start = state ?? network.initialState(batch: batch, network.tensors.first?.type ?? .float32)
    self.init(OnlineStep(network, start), network, start, .rtrl)
  }

  private init(_ step: OnlineStep<Model, State>, _ model: Model, _ state: State, _ influence: Influence) {
    let (n, p) = (state.rowWidths.reduce(0, +), model.tensors.reduce(0) { $0 + $1.count })
    require(p > 0, "RealTimeLearner: the model has no parameters")
    let output = step.output(state)
    (self.step, self.influence, self.state) = (step, influence, state.constant())
    influences = Tensor.zeros([output.shape[0], n, p], output.type)
    reached = Tensor.zeros(influence == .snap1 ? [n, p] : [0], output.type)
  }

  public mutating func observe<Head: TensorGroup>(
    _ x: Tensor, at model: Model, head: Head, loss: (_ head: Head, _ output: Tensor) throws -> Tensor
  ) rethrows -> OnlineGradient<Model, Head> {
    step.check(x, state, "RealTimeLearner")
    let (next, jacobian, immediate) = linearized(model.constant(), x.detached())
    let found = try step.loss(next, head, loss)
    require(
      immediate.shape == influences.shape,
      "RealTimeLearner: a model of \(immediate.shape[2]) parameters is not the one of \(influences.shape[2])")
    state = next
    switch influence {
    case .rtrl, .eprop: influences = jacobian.matmul(influences) + immediate
    case .diagonal: influences = jacobian.diagonal().expandingAxis(2) * influences + immediate
    case .snap1:
      reached = reached.maximum((immediate.magnitude() .> 0).cast(to: reached.type).max(axes: 0))
      influences = (jacobian.matmul(influences) + immediate) * reached
    }
    // The rows of P that belong to the output, for all rows of the batch.
    let (batch, n) = (found.output.shape[0], found.output.shape[1])
    let rows = influences[.all, step.outputStart..<(step.outputStart + n)].reshaped([batch * n, influences.shape[2]])
    let flat = found.output.reshaped([1, batch * n]).matmul(rows)[0]
    let parts = zip(flat.split(model.tensors.map(\.count), axis: 0), model.tensors).map { $0.reshaped($1.shape) }
    return OnlineGradient(loss: found.value, model: OnlineStep<Model, State>.gradient(parts, of: model), head: found.head)
  }

  /// The next state, J `[batch, n, n]` and I `[batch, n, p]`, row by row: a walk for each number of the state.
  private func linearized(_ model: Model, _ x: Tensor) -> (State, jacobian: Tensor, immediate: Tensor) {
    let widths = state.rowWidths
    let units = Tensor.identity(widths.reduce(0, +), influences.type).unstacked()
    var (rows, jacobians, immediates): ([State], [Tensor], [Tensor]) = ([], [], [])
    for b in 0..<x.shape[0] {
      let (row, input) = (state.mappingTensors { $0[b..<(b + 1)] }, x[b..<(b + 1)])
      let (next, pull) = pullback(at: Two(first: model, second: row)) {
        step.next($0.first, input, $0.second, influence == .eprop ? row : nil)
      }
      let pulled = units.map { unit in
        var parts = unit.split(widths, axis: 0).makeIterator()
        return pull(next.mappingTensors { part in parts.next().map { $0.reshaped(part.shape) } ?? part })
      }
      rows.append(next)
      jacobians.append(Tensor.stack(pulled.map { flat($0.second) }))
      immediates.append(Tensor.stack(pulled.map { flat($0.first) }))
    }
    let next = state.replacingTensors(
      state.tensors.indices.map { part in Tensor.concatenate(rows.map { $0.tensors[part] }, axis: 0) })
    return (next.constant(), Tensor.stack(jacobians), Tensor.stack(immediates))
  }

  private func flat<T: TensorGroup>(_ value: T) -> Tensor {
    Tensor.concatenate(value.tensors.map { $0.detached().reshaped([$0.count]) }, axis: 0)
  }
}

/// What is carried of the influence of parameters on the state.
public enum Influence: Sendable, Hashable, CaseIterable {
  /// All of it: exact, for any cell and for stacks of layers.
  case rtrl
  /// The diagonal of Jₜ alone. Exact where each number of the next state depends on no other number of the state, as in
  /// `IndRNNCell`; a memory beside h is another number.
  case diagonal
  /// SnAp-1: of Jₜ Pₜ₋₁ + Iₜ, the elements where a parameter has reached the number of the state within a single step.
  case snap1
  /// E-prop: Jₜ of the step in which the h that meets the recurrent parameters (`recur`) is held, so that an influence stays within
  /// a unit: through the memory of an LSTM, through the update gate of a GRU, and not at all for a plain recurrent cell.
  case eprop
}
