internal import UnrollArrays
public import UnrollAutograd

extension Recurrent {
  /// The output of the last layer after one step with inputs `[batch, features]`, `[batch, outputs]`; the state becomes the next one.
  ///
  /// It is differentiable, as a call over a sequence of one step is; `prepared` is the faster way where nothing is differentiated.
  ///
  ///     let lstm = LSTM(3, 4, using: &generator)
  ///     var state = lstm.initialState(batch: 2)
  ///     let output = lstm.next(Tensor.ones([2, 3]), state: &state)  // [2, 4]
  public func next(_ x: Tensor, state: inout State) -> Tensor {
    require(x.rank == 2, "next: a step takes inputs [batch, features], not of shape \(x.shape)")
    require(
      !isBidirectional && !isReversed,
      "next: a network that runs backward in time needs the whole sequence, and has no single steps")
    let axis = isTimeFirst ? 0 : 1
    let run = self(x.expandingAxis(axis), from: state)
    state = run.state
    return run.outputs.squeezingAxis(axis)
  }
}
