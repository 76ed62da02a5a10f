internal import UnrollArrays
public import UnrollAutograd

/// A sequence on its way through truncated backpropagation: where it is, and the states that the next gradients begin from.
///
/// A window's graph is computed anew, with the model as it is then, from a state that the window before left behind as a constant;
/// see `Truncation` for the picture. The carried state is the one computed before the update that follows its window.
///
///     struct Tagger: Module {
///       var lstm: LSTM, head: Linear
///       mutating func visit(_ visitor: Visitor) { visitor("lstm", &lstm); visitor("head", &head) }
///     }
///     var tagger = Tagger(lstm: LSTM(3, 4, using: &generator), head: Linear(4, 1, using: &generator))
///     var optimizer = SGD(for: tagger, learningRate: 0.1)
///     let (inputs, wanted) = (Tensor.ones([2, 24, 3]), Tensor.ones([2, 24, 1]))
///     var pass = TruncatedPass<LSTM.State>(steps: 24, Truncation(stride: 3, depth: 9))
///     while let window = pass.next(
///       at: tagger,
///       advance: { tagger, steps, state in tagger.lstm(inputs[.all, steps], from: state) },
///       loss: { tagger, outputs, steps in meanSquaredError(tagger.head(outputs), wanted[.all, steps]) })
///     {
///       optimizer.update(&tagger, along: window.gradient)
///     }
public struct TruncatedPass<State: TensorGroup>: Sendable {
  /// All windows of the sequence.
  public let windows: [Truncation.Window]
  /// How many of them are done.
  public private(set) var position = 0
  /// The state after the last step whose loss has counted: at the end, where the next sequence may go on.
  public private(set) var state: State?
  /// The state before the next window's graph.
  private var graphState: State?

  /// So many steps from a state; nil is what the model itself begins from.
  public init(steps: Int, _ truncation: Truncation, from state: State? = nil) {
    windows = truncation.windows(steps: steps)
    self.state = state?.mappingTensors { $0.detached() }
    graphState = self.state
  }

  /// The next window's loss and gradient; nil where all steps are done.
  ///
  /// - Parameters:
  ///   - model: What the gradient is asked for.
  ///   - advance: Takes the model through some steps from a state, and gives their outputs and the state after them.
  ///   - loss: The loss of some steps, given their outputs: the window's `losses`, all at once, so that it may be a sum or a mean.
  public mutating func next<Model: TensorGroup, Outputs>(
    at model: Model,
    advance: (_ model: Model, _ steps: Range<Int>, _ state: State?) throws -> (outputs: Outputs, state: State),
    loss: (_ model: Model, _ outputs: Outputs, _ steps: Range<Int>) throws -> Tensor
  ) rethrows -> TruncatedGradient<Model, State>? {
    guard position < windows.count else { return nil }
    let (window, begin) = (windows[position], graphState)
    let next = position + 1 < windows.count ? windows[position + 1].graph.lowerBound : window.graph.upperBound
    // Where the next graph begins before the losses do, its state is met on the way.
    let cut = min(next, window.losses.lowerBound)
    let (value, atCut, beforeLosses, after, gradient) = try valueAndGradient(at: model) { model in
      var state = begin
      func pass(_ steps: Range<Int>) throws -> State? {
        if !steps.isEmpty { state = try advance(model, steps, state).state }
        return state
      }
      let atCut = try pass(window.graph.lowerBound..<cut)
      let beforeLosses = try pass(cut..<window.losses.lowerBound)
      let (outputs, after) = try advance(model, window.losses, beforeLosses)
      return (try loss(model, outputs, window.losses), atCut, beforeLosses, after)
    }
    position += 1
    state = after.mappingTensors { $0.detached() }
    if next <= window.losses.lowerBound {
      graphState = atCut
    } else if next == window.graph.upperBound {
      graphState = after
    } else {
      // In the midst of the losses, which are not to be cut in two.
      graphState = try advance(model, window.losses.lowerBound..<next, beforeLosses).state
    }
    graphState = graphState?.mappingTensors { $0.detached() }
    return TruncatedGradient(window: window, loss: value, gradient: gradient, initialState: begin)
  }
}

/// What one window of truncated backpropagation gives.
public struct TruncatedGradient<Model: TensorGroup, State: TensorGroup>: Sendable {
  /// The steps it is about.
  public let window: Truncation.Window
  /// The loss of its last steps.
  public let loss: Tensor
  /// The loss's gradient, through the steps of the window's graph.
  public let gradient: Model
  /// The state that the graph begins from.
  public let initialState: State?
}
