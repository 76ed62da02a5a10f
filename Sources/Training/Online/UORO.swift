public import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// Unbiased online recurrent optimization: a random s̃ θ̃ᵀ of rank one stands for the influence ∂s/∂θ, which is its mean.
///
/// With random signs ν, s̃ := ρ₀ J s̃ + ρ₁ ν and θ̃ := θ̃ / ρ₀ + Iᵀν / ρ₁, where J = ∂sₜ/∂sₜ₋₁ and I = ∂sₜ/∂θ with sₜ₋₁ held: one tangent
/// and one pullback of the step. ρ₀ and ρ₁ balance the norms of both factors. The gradient at a step is ⟨∂L/∂h, s̃⟩ θ̃. Its mean
/// over the signs is the exact gradient, for any cell and for stacks of layers; its variance grows with the numbers of state,
/// of which a batch has as many more as it has rows.
///
///     let cell = LSTMCell(3, 4, using: &generator)
///     var learner = UORO(of: cell, using: &generator)
///     let slope = learner.observe(Tensor.ones([1, 3]), at: cell) { $0.square().sum() }.model
public struct UORO<Model: Module, State: TensorGroup>: OnlineLearner {
  private let step: OnlineStep<Model, State>
  public private(set) var state: State
  /// s̃.
  private var direction: State
  /// θ̃.
  private var parameters: Model
  private var generator: Generator
  /// What is added to norms and factors, so that none is zero.
  private let epsilon = 1e-7

  /// A learner for a cell, from a state, by default the cell's initial one, which is a constant. Its signs come from a generator
  /// that is split from the given one.
  public init(of cell: Model, batch: Int = 1, from state: State? = nil, using generator: inout Generator)
  where Model: RecurrentCell, State == Model.State {
    let type = cell.tensors.first?.type ?? .float32
    self.init(OnlineStep(), cell, state ?? cell.initialState(batch: batch, type), &generator)
  }

  /// A learner for a stack of layers in one direction. Dropout between layers does not act.
  public init<Cell>(of network: Model, batch: Int = 1, from state: State? = nil, using generator: inout Generator)
  where Model == Recurrent<Cell>, State == Recurrent<Cell>.State {
    let start = state ?? network.initialState(batch: batch, network.tensors.first?.type ?? .float32)
    self.init(OnlineStep(network, start), network, start, &generator)
  }

  private init(_ step: OnlineStep<Model, State>, _ model: Model, _ state: State, _ generator: inout Generator) {
    (self.step, self.state, self.generator) = (step, state.constant(), generator.split())
    direction = self.state.mappingTensors { $0.zeros }
    parameters = model.mappingTensors { $0.zeros.frozen(as: $0) }
  }

  public mutating func observe<Head: TensorGroup>(
    _ x: Tensor, at model: Model, head: Head, loss: (_ head: Head, _ output: Tensor) throws -> Tensor
  ) rethrows -> OnlineGradient<Model, Head> {
    let signs = state.mappingTensors { part in
      Tensor.select(
        Tensor.uniform(part.shape, part.type, using: &generator) .< 0.5, Tensor(-1, part.type), Tensor(1, part.type))
    }
    return try observe(x, at: model, head: head, signs: signs, loss: loss)
  }

  /// The same with given signs.
  mutating func observe<Head: TensorGroup>(
    _ x: Tensor, at model: Model, head: Head, signs: State, loss: (_ head: Head, _ output: Tensor) throws -> Tensor
  ) rethrows -> OnlineGradient<Model, Head> {
    step.check(x, state, "UORO")
    let (model, x, before) = (model.constant(), x.detached(), state)
    let (next, pushed) = tangent(at: before, along: direction) { step.next(model, x, $0, nil) }
    let found = try step.loss(next, head, loss)
    let pulled = pullback(at: model) { step.next($0, x, before, nil) }.pullback(signs)
    let forward = (norm(parameters) / (norm(pushed) + epsilon)).squareRoot() + epsilon
    let backward = (norm(pulled) / (norm(signs) + epsilon)).squareRoot() + epsilon
    var parts = signs.tensors.makeIterator()
    direction = pushed.mappingTensors { part in part.detached() * forward + (parts.next() ?? part) * backward }
    parameters = parameters * (1 / forward) + pulled.constant() * (1 / backward)
    state = next.constant()
    let along = (found.output * step.output(direction)).sum().item
    return OnlineGradient(loss: found.value, model: parameters * along, head: found.head)
  }

  private func norm<T: TensorGroup>(_ value: T) -> Double {
    value.tensors.reduce(0) { $0 + $1.square().sum().item }.squareRoot()
  }
}
