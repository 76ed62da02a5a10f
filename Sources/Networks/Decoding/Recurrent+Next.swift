internal import UnrollArrays
public import UnrollAutograd

extension Recurrent {
  /// Runs one step on inputs `[batch, features]`, advances the state, and returns the last layer's output, `[batch, outputs]`.
  ///
  /// It is differentiable, like a call on a sequence of one step; `prepared` is faster where no derivative is needed.
  ///
  ///     let lstm = LSTM(3, 4, using: &generator)
  ///     var state = lstm.initialState(batch: 2)
  ///     let output = lstm.next(Tensor.ones([2, 3]), state: &state)  // [2, 4]
  public func next(_ x: Tensor, state: inout State) -> Tensor {
    require(x.rank == 2, "next: a step takes inputs [batch, features], not of shape \(x.shape)")
    require(
      !isBidirectional && !isReversed,
      "next: a network that runs backward in time needs the whole sequence and cannot run single steps")
    let axis = isTimeFirst ? 0 : 1
    let run = self(x.expandingAxis(axis), from: state)
    state = run.state
    return run.outputs.squeezingAxis(axis)
  }
}
