public import UnrollAutograd
public import UnrollNetworks

/// A gradient at every step, without going back through time: a value that carries what past parameters have done to the state.
///
/// `observe` runs one step and returns the gradient of that step's loss by the model, through all earlier steps, as far as the
/// method knows them. Memory does not grow with the number of steps. With fixed parameters the sum of an exact learner's
/// gradients is the gradient of backpropagation through the whole sequence. The model may be updated between steps; what is
/// carried then belongs to the models of the time, as always in online learning.
///
/// A learner is a value: keep a copy to go back to, make a new one for a new sequence.
///
/// For n numbers of state and p parameters, and k numbers in a unit of the cell (2 for an LSTM):
///
/// | learner | gradient | cost of a step |
/// | --- | --- | --- |
/// | `RealTimeLearner`, `.rtrl` | exact | k + 1 walks, n² p products, memory n p; within units where they never meet |
/// | `.diagonal` | exact where a step is elementwise in its state | within units: k walks, k p products, memory k p |
/// | `.snap1` | biased; exact where a step is elementwise in its units | within units: k walks, k² p products, memory k p |
/// | `.eprop` | biased; exact without a recurrent product | the same |
/// | `UORO` | unbiased, noisy | one tangent and one pullback, memory n + p |
///
/// A cell without units, such as one with layer norm, takes n walks and memory n p; see `RealTimeLearner`.
///
/// ``TruncatedPass`` with windows that end at random is unbiased too, with a gradient at the end of each window.
public protocol OnlineLearner<Model, State>: Sendable {
  /// What learns: a cell, or a stack of layers.
  associatedtype Model: Module
  /// The state that it carries.
  associatedtype State: TensorGroup

  /// The state after the steps observed so far.
  var state: State { get }

  /// Runs one step on an input `[batch, inputs]`, and returns the loss of its output `[batch, hidden]`, with the gradients by the
  /// model and by a head, which is what the loss has parameters of besides. The loss may be a constant where a step has none.
  mutating func observe<Head: TensorGroup>(
    _ x: Tensor, at model: Model, head: Head, loss: (_ head: Head, _ output: Tensor) throws -> Tensor
  ) rethrows -> OnlineGradient<Model, Head>
}

extension OnlineLearner {
  /// The same for a loss without parameters.
  public mutating func observe(
    _ x: Tensor, at model: Model, loss: (_ output: Tensor) throws -> Tensor
  ) rethrows -> OnlineGradient<Model, [Tensor]> {
    try observe(x, at: model, head: []) { try loss($1) }
  }
}

/// What one step of an online learner gives.
public struct OnlineGradient<Model: Module, Head: TensorGroup>: Sendable {
  /// The loss of the step.
  public let loss: Tensor
  /// Its gradient by the model, through the steps up to this one.
  public let model: Model
  /// Its gradient by the head.
  public let head: Head
}
