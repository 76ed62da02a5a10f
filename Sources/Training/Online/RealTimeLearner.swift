internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// Real-time recurrent learning, exact or simplified: the influence Pₜ = ∂sₜ/∂θ of every parameter on the state is carried forward,
/// Pₜ = Jₜ Pₜ₋₁ + Iₜ.
///
/// Jₜ = ∂sₜ/∂sₜ₋₁ is the Jacobian of the step, Iₜ = ∂sₜ/∂θ with sₜ₋₁ held, both by the pullback of the cell's own step, for every cell.
/// The gradient of the loss at step t is ∂Lₜ/∂hₜ Pₜ.
///
/// In full, for a batch of b rows with n numbers of state each and p parameters, P is `[b, n, p]`, and a step costs b·n walks, or
/// b·k + 1 of a cell with k numbers in a unit, and the product J P. Most cells fall into units that meet only in the recurrent product, and each of their parameters reaches one unit.
/// Then the simplified influences keep for each parameter the k numbers of that unit, such as h and c: P is `[b, k, p]`, and a step
/// costs b·k walks and k² p products. Exact influences do so too where units never meet, as in `IndRNNCell` and every `LinearCell`
/// with units. The first step finds out, and `way` tells.
///
/// A cell whose step mixes units has no such form, because each of its parameters has an influence on all of them: layer norms,
/// projected and matrix memories, weights that are a function of others (an orthogonal matrix), a reset gate before the product, and
/// an `RGLRUCell` with input weights, which reach all units of a head. All influences cost as much as exact ones there.
///
///     struct Tagger: Module {
///       var cell: GRUCell, head: Linear
///       mutating func visit(_ visitor: Visitor) { visitor("cell", &cell); visitor("head", &head) }
///     }
///     var tagger = Tagger(cell: GRUCell(3, 4, using: &generator), head: Linear(4, 1, using: &generator))
///     var optimizer = SGD(for: tagger, learningRate: 0.01)
///     var learner = RealTimeLearner(of: tagger.cell, .snap1, batch: 2)
///     for _ in 0..<10 {
///       let step = learner.observe(Tensor.ones([2, 3]), at: tagger.cell, head: tagger.head) { head, h in
///         meanSquaredError(head(h), Tensor.ones([2, 1]))
///       }
///       optimizer.update(&tagger, along: Tagger(cell: step.model, head: step.head))
///     }
///     if let way = learner.way { print(way) }  // within units
public struct RealTimeLearner<Model: Module, State: TensorGroup>: OnlineLearner {
  let step: OnlineStep<Model, State>
  /// The influence that is carried.
  public let influence: Influence
  public internal(set) var state: State
  /// How influences are carried; nil before the first step.
  public private(set) var way: InfluenceWay?
  /// Pₜ: `[batch, n, p]`, or `[batch, slots, p]` within units.
  var influences: Tensor
  /// The units, if influences are carried within them.
  private(set) var structure: UnitStructure?
  /// Where a parameter has reached a number of the state within a step: 1 or 0, `[n, p]`; for SnAp-1 in full.
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
    let p = model.tensors.reduce(0) { $0 + $1.count }
    require(p > 0, "RealTimeLearner: the model has no parameters")
    let output = step.output(state)
    (self.step, self.influence, self.state) = (step, influence, state.constant())
    influences = Tensor.zeros([output.shape[0], 0, p], output.type)
    reached = Tensor.zeros([0], output.type)
  }

  public mutating func observe<Head: TensorGroup>(
    _ x: Tensor, at model: Model, head: Head, loss: (_ head: Head, _ output: Tensor) throws -> Tensor
  ) rethrows -> OnlineGradient<Model, Head> {
    step.check(x, state, "RealTimeLearner")
    let p = model.tensors.reduce(0) { $0 + $1.count }
    require(
      p == influences.shape[2], "RealTimeLearner: a model of \(p) parameters is not the one of \(influences.shape[2])")
    let (constant, x) = (model.constant(), x.detached())
    if way == nil { choose(constant, x) }
    let (found, slopes) =
      if way == .units, let structure, let parts = step.parts {
        try within(structure, parts, constant, x, head, loss)
      } else {
        try inFull(constant, x, head, loss)
      }
    let tensors = zip(slopes.split(model.tensors.map(\.count), axis: 0), model.tensors).map { $0.reshaped($1.shape) }
    return OnlineGradient(loss: found.value, model: OnlineStep<Model, State>.gradient(tensors, of: model), head: found.head)
  }

  /// Looks for units, and makes room for influences.
  private mutating func choose(_ model: Model, _ x: Tensor) {
    let (n, p) = (state.rowWidths.reduce(0, +), influences.shape[2])
    do throws(NoUnits) {
      guard let parts = step.parts else { throw NoUnits("layers of a stack reach each other") }
      var structure = try UnitSearch(parts, model, x, state).found()
      structure.keepOnly(for: influence)
      self.structure = structure
      if influence == .rtrl && !structure.isClosed {
        throw NoUnits("units meet in the recurrent product")
      }
      way = .units
      influences = Tensor.zeros([influences.shape[0], structure.slots, p], influences.type)
    } catch {
      way = .full(error.reason)
      influences = Tensor.zeros([influences.shape[0], n, p], influences.type)
      if influence == .snap1 { reached = Tensor.zeros([n, p], x.type) }
    }
  }

  /// The loss, and its gradient by all parameters in a row, `[p]`.
  typealias Found<Head> = (loss: (value: Tensor, head: Head, output: Tensor), slopes: Tensor)

  private mutating func inFull<Head: TensorGroup>(
    _ model: Model, _ x: Tensor, _ head: Head, _ loss: (_ head: Head, _ output: Tensor) throws -> Tensor
  ) rethrows -> Found<Head> {
    let (next, jacobian, immediate) = linearized(model, x)
    let found = try step.loss(next, head, loss)
    state = next
    switch influence {
    case .rtrl where immediate.shape[1] < jacobian.shape[1]:
      influences = structure?.adding(immediate, to: jacobian.matmul(influences)) ?? influences
    case .rtrl, .eprop: influences = jacobian.matmul(influences) + immediate
    case .diagonal: influences = jacobian.diagonal().expandingAxis(2) * influences + immediate
    case .snap1:
      reached = reached.maximum((immediate.magnitude() .> 0).cast(to: reached.type).max(axes: 0))
      influences = (jacobian.matmul(influences) + immediate) * reached
    }
    // The rows of P that belong to the output, for all rows of the batch.
    let (batch, n) = (found.output.shape[0], found.output.shape[1])
    let rows = influences[.all, step.outputStart..<(step.outputStart + n)].reshaped([batch * n, influences.shape[2]])
    return (found, found.output.reshaped([1, batch * n]).matmul(rows)[0])
  }

  /// The next state, J `[batch, n, n]` and I `[batch, n, p]`, row by row: a walk for each number of the state. Where units are known,
  /// I is `[batch, slots, p]`.
  private func linearized(_ model: Model, _ x: Tensor) -> (State, jacobian: Tensor, immediate: Tensor) {
    if let structure, let parts = step.parts, !structure.isReadOut {
      let immediate = linearized(structure, parts, model, x).immediate
      return (step.next(model, x, state, nil).constant(), jacobian(model, x), immediate)
    }
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
      jacobians.append(Tensor.stack(pulled.map { $0.second.tensors.flat }))
      immediates.append(Tensor.stack(pulled.map { $0.first.tensors.flat }))
    }
    let next = state.replacingTensors(
      state.tensors.indices.map { part in Tensor.concatenate(rows.map { $0.tensors[part] }, axis: 0) })
    return (next.constant(), Tensor.stack(jacobians), Tensor.stack(immediates))
  }
}

extension [Tensor] {
  /// All numbers in a row, unrecorded.
  var flat: Tensor { Tensor.concatenate(map { $0.detached().reshaped([$0.count]) }, axis: 0) }
}

/// What is carried of the influence of parameters on the state.
public enum Influence: Sendable, Hashable, CaseIterable {
  /// All of it: exact, for any cell and for stacks of layers.
  case rtrl
  /// The diagonal of Jₜ alone. Exact where each number of the next state depends on no other number of the state, as in
  /// `IndRNNCell` and `MinGRUCell`; a memory beside h is another number.
  case diagonal
  /// SnAp-1: of Jₜ Pₜ₋₁ + Iₜ, the elements where a parameter has reached the number of the state within a single step. An output
  /// that no step reads is not restricted.
  case snap1
  /// E-prop: Jₜ of the step in which the h that meets the recurrent parameters (`recur`) is held, so that an influence stays within
  /// a unit: through the memory of an LSTM, through the update gate of a GRU, and not at all for a plain recurrent cell. Exact for
  /// every `LinearCell`, which has no such product.
  case eprop
}
