internal import UnrollArrays
public import UnrollAutograd

/// Activation regularization: the mean of h² over all elements, which keeps a layer's outputs small.
///
/// Outputs of any shape give one number. Add it to a loss, times a factor.
///
///     let lstm = LSTM(3, 4, using: &generator)
///     let penalty = gradient(at: lstm) { lstm in activationPenalty(lstm(Tensor.ones([2, 5, 3])).outputs) * 2 }
public func activationPenalty(_ outputs: Tensor) -> Tensor {
  require(outputs.count > 0, "activationPenalty: shape \(outputs.shape) has no elements, so there is no mean")
  return outputs.meanOfSquares()
}

/// Temporal activation regularization: the mean of (hₜ − hₜ₋₁)² over all elements and all steps but the first, which makes a
/// layer's outputs change slowly.
///
/// Outputs `[batch, time, features]`, or with time on another axis, give one number; it is 0 for a single step.
///
///     let penalty = temporalPenalty([[[1, 2], [1, 3], [2, 3]]])  // 0.5
public func temporalPenalty(_ outputs: Tensor, timeAxis: Int = 1) -> Tensor {
  let steps = timeFirst(outputs, timeAxis, "temporalPenalty")
  return steps.shape[0] < 2 ? Tensor(0, outputs.type) : (steps[1...] - steps[..<(steps.shape[0] - 1)]).meanOfSquares()
}

/// The norm stabilizer: the mean of (‖hₜ‖ − ‖hₜ₋₁‖)² over steps and rows, with 2-norms over the features, which keeps the length
/// of a layer's outputs constant while their direction is free.
///
/// Outputs `[batch, time, features]`, or with time on another axis, give one number; it is 0 for a single step. Given the output
/// before the first step, `[batch, features]`, its change to the first step counts too. A norm of 0 has the derivative 0.
///
///     let penalty = normPenalty([[[3, 4], [4, 3], [0, 6]]])  // 0.5
public func normPenalty(_ outputs: Tensor, initial: Tensor? = nil, timeAxis: Int = 1) -> Tensor {
  var steps = timeFirst(outputs, timeAxis, "normPenalty")
  if let initial {
    require(
      initial.shape == Shape(steps.shape.dropFirst()),
      "normPenalty: an output before the first step of shape \(initial.shape) does not fit outputs of shape \(outputs.shape)")
    steps = Tensor.concatenate([initial.expandingAxis(0), steps], axis: 0)
  }
  let norms = steps.norm(axes: -1)
  return norms.shape[0] < 2 ? Tensor(0, outputs.type) : (norms[1...] - norms[..<(norms.shape[0] - 1)]).meanOfSquares()
}

/// The outputs with time as the first axis.
private func timeFirst(_ outputs: Tensor, _ axis: Int, _ name: String) -> Tensor {
  require(
    axis >= 0 && axis < outputs.rank - 1,
    "\(name): axis \(axis) of shape \(outputs.shape) is not a time axis before the features")
  require(outputs.count > 0, "\(name): shape \(outputs.shape) has no elements, so there is no mean")
  return axis == 0 ? outputs : outputs.transposed(0, axis)
}
