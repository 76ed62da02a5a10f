internal import UnrollArrays
public import UnrollAutograd

/// The first Lyapunov exponents of a cell as a differentiable value: how fast small changes of the state grow along each sequence.
///
/// Sequences `[batch, time, inputs]` give `[batch, count]`: λᵢ is the mean of log Rₜ,ᵢᵢ over the steps after the first `skipping`,
/// with Qₜ Rₜ = Jₜ Qₜ₋₁, where Jₜ = ∂sₜ/∂sₜ₋₁ and s contains all parts of the state. Derivatives run through the QR
/// decompositions, the Jacobians and the states. **Gradient flossing** pulls exponents towards 0, so that gradients neither vanish
/// nor explode along as many directions: before training, as a loss of its own, or during training, as a term of the loss.
///
/// Rₜ,ᵢᵢ = 0 gives −∞ and derivatives that are not numbers; so does a state whose step forgets more directions than are left for
/// `count`. `LyapunovSpectrum` measures all exponents of a long sequence without derivatives.
///
///     var cell = RNNCell(3, 8, using: &generator)
///     let x = Tensor.normal([4, 20, 3], using: &generator)
///     let slope = gradient(at: cell) { lyapunovExponents(of: $0, on: x, count: 2).meanOfSquares() }
///     cell = cell - slope * 0.1
public func lyapunovExponents<Cell: RecurrentCell>(
  of cell: Cell, on x: Tensor, from state: Cell.State? = nil, count: Int, skipping: Int = 0
) -> Tensor {
  lyapunovExponents(of: cell, on: x, from: state, count: count, skipping: skipping, directions: nil)
}

/// The same for all layers of a network that runs in one direction; s contains the states of all layers.
///
///     let gru = GRU(3, 8, layers: 2, using: &generator)
///     let x = Tensor.normal([4, 20, 3], using: &generator)
///     print(lyapunovExponents(of: gru, on: x, count: 3))
public func lyapunovExponents<Cell: RecurrentCell>(
  of network: Recurrent<Cell>, on x: Tensor, from state: Recurrent<Cell>.State? = nil, count: Int, skipping: Int = 0
) -> Tensor {
  requireSequences(x)
  require(
    !network.isBidirectional,
    "lyapunovExponents: a bidirectional network has no single state per step; take one of its cells")
  let (time, batch) = network.isTimeFirst ? (0, 1) : (1, 0)
  let inputs = x.unstacked(axis: time)
  return exponents(
    network.isReversed ? inputs.reversed() : inputs, state ?? network.initialState(batch: x.shape[batch], x.type), count,
    skipping,
    nil
  ) { input, state in network(input.expandingAxis(time), from: state).state }
}

/// The exponents from orthonormal first directions `[n, count]`, for n numbers of state; nil draws them.
func lyapunovExponents<Cell: RecurrentCell>(
  of cell: Cell, on x: Tensor, from state: Cell.State?, count: Int, skipping: Int, directions: Tensor?
) -> Tensor {
  requireSequences(x)
  let start = state ?? cell.initialState(batch: x.shape[0], x.type)
  return exponents(x.unstacked(axis: 1), start, count, skipping, directions) { cell($0, from: $1) }
}

private func requireSequences(_ x: Tensor) {
  require(
    x.rank == 3 && x.count > 0, "lyapunovExponents: an input of shape \(x.shape) is not sequences, [batch, time, inputs]")
}

private func exponents<State: TensorGroup>(
  _ inputs: [Tensor], _ start: State, _ k: Int, _ skipping: Int, _ directions: Tensor?, step: (Tensor, State) -> State
) -> Tensor {
  let (batch, type) = (inputs[0].shape[0], inputs[0].type)
  let widths = start.tensors.map { $0.count / batch }
  let n = widths.reduce(0, +)
  require(k > 0 && k <= n, "lyapunovExponents: \(k) exponents of a state of \(n) numbers are not in 1...\(n)")
  require(
    skipping >= 0 && skipping < inputs.count,
    "lyapunovExponents: skipping \(skipping) of \(inputs.count) steps leaves none to average")
  // Random directions, so that none is special to the recurrence.
  var generator = Generator(seed: 1)
  let first = directions ?? Tensor(NDArray.normal([n, k], .float64, using: &generator).qr().q).cast(to: type)
  var (state, q, sum) = (start, first.broadcast(to: [batch, n, k]), Tensor.zeros([batch, k], type))
  /// Each row k times.
  func repeated(_ x: Tensor) -> Tensor {
    let shape = x.shape.dropFirst()
    return x.expandingAxis(1).broadcast(to: Shape([batch, k] + shape)).reshaped(Shape([batch * k] + shape))
  }
  for (t, input) in inputs.enumerated() {
    // One row for each direction of each sequence.
    let (rows, x) = (state.mappingTensors(repeated), repeated(input))
    var parts = q.transposed(1, 2).split(widths, axis: 2).makeIterator()
    let along = rows.mappingTensors { row in parts.next().map { $0.reshaped(row.shape) } ?? row }
    let (next, pushed) = tangent(at: rows, along: along) { step(x, $0) }
    state = next.mappingTensors { $0.reshaped(Shape([batch, k] + $0.shape.dropFirst()))[.all, 0] }
    let images = zip(pushed.tensors, widths).map { $0.reshaped([batch, k, $1]) }
    let factors = Tensor.concatenate(images, axis: 2).transposed(1, 2).qr()
    q = factors.q
    if t >= skipping { sum = sum + factors.r.diagonal().log() }
  }
  return sum / Double(inputs.count - skipping)
}
