internal import UnrollArrays
public import UnrollAutograd

/// Pascanu's Ω, which asks every step back through time to preserve the norm of the gradient:
/// Ω = Σₜ mean over rows of (‖gₜ Jₜ‖ / ‖gₜ‖ − 1)².
///
/// gₜ = ∂E/∂sₜ is the gradient of the loss E by the state after step t, with everything later following; Jₜ = ∂sₜ/∂sₜ₋₁ is the
/// Jacobian of the step. All parts of a state are independent numbers of s, and norms are over all of them. A sequence
/// `[batch, time, inputs]` and a loss of the cell's outputs `[batch, time, hidden]` give one number. For a layer within a stack,
/// the sequence is the output of the layer below, and the loss contains the layers above.
///
/// The full derivative of Ω runs through everything, by nesting. The immediate derivative, as in the paper, moves nothing but
/// the parameters of `recur` where they stand in Jₜ: gradients, states and gates are constants. `squared` takes the ratio of the
/// squared norms, as the published program does. Steps and rows that no gradient arrives at are left out.
///
///     let cell = RNNCell(3, 4, using: &generator)
///     let x = Tensor.ones([2, 6, 3])
///     let slope = gradient(at: cell) { cell in
///       gradientNormPenalty(of: cell, on: x) { outputs in outputs[.all, -1].square().sum() }
///     }
public func gradientNormPenalty<Cell: RecurrentCell>(
  of cell: Cell, on x: Tensor, from state: Cell.State? = nil, immediate: Bool = false, squared: Bool = false,
  loss: (_ outputs: Tensor) -> Tensor
) -> Tensor {
  require(
    x.rank == 3 && x.count > 0, "gradientNormPenalty: an input of shape \(x.shape) is not sequences, [batch, time, inputs]")
  cell.checkParameters()
  func held<T: TensorGroup>(_ value: T) -> T { immediate ? value.mappingTensors { $0.detached() } : value }
  let (fixed, batch) = (held(cell), x.shape[0])
  let inputs = fixed.project(held(x).transposed(0, 1)).unstacked()
  var states = [held(state ?? cell.initialState(batch: batch, x.type))]
  for (t, input) in inputs.enumerated() { states.append(fixed.step(input, fixed.recur(states[t].hidden), states[t])) }
  let outputs = Tensor.stack(states.dropFirst().map(\.hidden), axis: 1)
  let direct = held(gradient(at: outputs, of: loss)).unstacked(axis: 1)

  var (arriving, total) = (states[0].mappingTensors { $0.zeros }, Tensor(0, x.type))
  for t in inputs.indices.reversed() {
    arriving.hidden = arriving.hidden + direct[t]
    let before = states[t]
    let step = pullback(at: Two(first: fixed.recur(before.hidden), second: before)) {
      fixed.step(inputs[t], $0.first, $0.second)
    }
    let byParts = step.pullback(arriving)
    var further = byParts.second
    further.hidden = further.hidden + pullback(at: before.hidden) { cell.recur($0) }.pullback(byParts.first)
    total = total + term(norm(further, batch), norm(arriving, batch), squared)
    arriving = held(further)
  }
  return total / Double(batch)
}

/// Σ over rows of (further / arriving − 1)², without rows where nothing arrives.
private func term(_ further: Tensor, _ arriving: Tensor, _ squared: Bool) -> Tensor {
  let counts = arriving .> 0
  let ratio = further / Tensor.select(counts, arriving, Tensor(1, arriving.type))
  return Tensor.select(counts, ((squared ? ratio.square() : ratio) - 1).square(), Tensor(0, ratio.type)).sum()
}

/// The norm of each row of a state, over all its parts: `[batch]`.
private func norm<State: TensorGroup>(_ state: State, _ batch: Int) -> Tensor {
  let parts = state.tensors.map { $0.reshaped([batch, $0.count / batch]) }
  return Tensor.concatenate(parts, axis: 1).norm(axes: 1)
}
