internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

/// One step of what an online learner trains, as a function of the parameters and of the state.
struct OnlineStep<Model: Module, State: TensorGroup>: Sendable {
  /// The next state. The hidden state that meets the recurrent parameters is that of `held`, if given.
  let next: @Sendable (_ model: Model, _ x: Tensor, _ state: State, _ held: State?) -> State
  /// The output, a part of the state.
  let output: @Sendable (_ state: State) -> Tensor
  /// The number of numbers before the output in a row of the state.
  let outputStart: Int
  /// The step in parts; nil for a stack.
  let parts: StepParts<Model, State>?

  /// The gradient of a model with the given tensors; frozen parameters stay so.
  static func gradient(_ tensors: [Tensor], of model: Model) -> Model {
    model.replacingTensors(zip(tensors, model.tensors).map { $0.frozen(as: $1) })
  }

  /// The loss of a state's output, and its derivatives by the head and by the output.
  func loss<Head: TensorGroup>(
    _ state: State, _ head: Head, _ f: (Head, Tensor) throws -> Tensor
  ) rethrows -> (value: Tensor, head: Head, output: Tensor) {
    let at = Two(first: head, second: output(state))
    let (value, slopes) = try valueAndGradient(at: at, allowingNoPath: true) { try f($0.first, $0.second) }
    return (value.detached(), slopes.first, slopes.second)
  }

  /// Stops if an input does not fit the state.
  func check(_ x: Tensor, _ state: State, _ name: String) {
    require(x.rank == 2, "\(name): an input of shape \(x.shape) is not one step, [batch, inputs]")
    let batch = output(state).shape[0]
    require(x.shape[0] == batch, "\(name): an input of \(x.shape[0]) rows does not fit a state of \(batch)")
  }
}

extension OnlineStep {
  init() where Model: RecurrentCell, State == Model.State {
    next = { cell, x, state, held in
      cell.checkParameters()
      return cell.step(cell.project(x), cell.recur((held ?? state).hidden), state)
    }
    output = { $0.hidden }
    outputStart = 0
    parts = StepParts(
      recur: { cell, hidden in
        cell.checkParameters()
        return cell.recur(hidden)
      },
      next: { cell, x, recurred, state in cell.step(cell.project(x), recurred, state) })
  }

  init<Cell>(_ network: Recurrent<Cell>, _ start: State) where Model == Recurrent<Cell>, State == Recurrent<Cell>.State {
    require(
      !network.isBidirectional && !network.isReversed,
      "online learning: a network that runs backward in time has no output before the sequence ends")
    let last = network.layerCount - 1
    next = { network, x, state, _ in network(x.expandingAxis(network.isTimeFirst ? 0 : 1), from: state).state }
    output = { $0.cells[last].hidden }
    outputStart = start.cells.dropLast().reduce(0) { $0 + $1.rowWidths.reduce(0, +) }
    parts = nil
  }
}

/// A cell's step in its two parts, so that what passes through the recurrent parameters can be told from the rest. Rows of states
/// and of their cotangents are `[rows, n]`: all parts side by side, the hidden state first.
struct StepParts<Model: Module, State: TensorGroup>: Sendable {
  /// What the recurrent parameters make of a hidden state.
  let recur: @Sendable (_ model: Model, _ hidden: Tensor) -> Tensor
  /// The next state, given that.
  let next: @Sendable (_ model: Model, _ x: Tensor, _ recurred: Tensor, _ state: State) -> State

  /// The cotangents of a step: of all parameters, of the recurrent contribution, and of the state with that contribution held.
  struct Pulled {
    let parameters: [Tensor]
    let recurred: Tensor
    let state: Tensor
  }

  /// A step, and its pullback.
  func walked(_ model: Model, _ x: Tensor, _ state: State) -> (next: State, pull: (_ rows: Tensor) -> Pulled) {
    let hidden = state.tensors[0]
    let nothing = recur(model, hidden).zeros
    let (next, pull) = pullback(at: Two(first: model, second: Two(first: nothing, second: state))) { at in
      self.next(at.first, x, recur(at.first, hidden) + at.second.first, at.second.second)
    }
    return (
      next,
      {
        let found = pull(next.withRows($0))
        return Pulled(
          parameters: found.first.tensors.map { $0.detached() }, recurred: found.second.first.detached(),
          state: found.second.second.rows)
      }
    )
  }

  /// The cotangent of the hidden state, `[rows, hidden]`, through the recurrent parameters.
  func pulled(_ recurred: Tensor, through model: Model, hidden: Int) -> Tensor {
    let zeros = Tensor.zeros([recurred.shape[0], hidden], recurred.type)
    return pullback(at: zeros) { recur(model, $0) }.pullback(recurred).detached()
  }
}

extension TensorGroup {
  /// The same value, unrecorded.
  func constant() -> Self { mappingTensors { $0.detached() } }

  /// The number of numbers of each tensor in a row of the batch.
  var rowWidths: [Int] { tensors.map { $0.shape.dropFirst().reduce(1, *) } }

  /// All tensors `[rows, width]` side by side, unrecorded.
  var rows: Tensor { Tensor.concatenate(tensors.map { $0.detached() }, axis: 1) }

  /// The same value with the numbers of rows.
  func withRows(_ rows: Tensor) -> Self { replacingTensors(rows.split(rowWidths, axis: 1)) }
}
