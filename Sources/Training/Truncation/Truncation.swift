internal import UnrollArrays
public import UnrollAutograd

/// Truncated backpropagation through time with two lengths: after every `stride` steps (k₁), the losses of these steps are
/// propagated back through at most `depth` steps (k₂).
///
/// ```text
/// stride 3, depth 7, 12 steps            · not in the graph   − in the graph   # in the graph, its loss counts
///
/// step       0  1  2  3  4  5  6  7  8  9 10 11
/// window 0   #  #  #  ·  ·  ·  ·  ·  ·  ·  ·  ·
/// window 1   −  −  −  #  #  #  ·  ·  ·  ·  ·  ·
/// window 2   ·  ·  −  −  −  −  #  #  #  ·  ·  ·     from the state after step 1, a constant
/// window 3   ·  ·  ·  ·  ·  −  −  −  −  #  #  #     from the state after step 4, a constant
/// ```
///
/// The losses of window j are those of `stride` steps from j · stride on, or of the remaining steps at the end, so that each
/// step's loss counts once. Its graph begins depth − stride steps earlier, or at the start of the sequence. The first loss of a
/// window thus reaches depth − stride + 1 steps back, and the last one `depth`; a window that is cut short at the end lacks the
/// latter losses. With equal lengths the windows are adjacent chunks, and no step runs twice. If the depth is at least the
/// number of steps, every graph begins at the start of the sequence, and the windows' gradients sum to that of full
/// backpropagation.
///
///     let windows = Truncation(stride: 3, depth: 7).windows(steps: 12)
///     print(windows[2].graph, windows[2].losses)  // 2..<9 and 6..<9
public struct Truncation: Sendable, Equatable {
  /// The number of steps between gradients, k₁.
  public let stride: Int
  /// The largest number of steps that a gradient travels back, k₂.
  public let depth: Int

  /// The steps of one gradient.
  public struct Window: Sendable, Equatable {
    /// The steps through which the gradient travels.
    public let graph: Range<Int>
    /// The last of these steps, whose losses count.
    public let losses: Range<Int>
  }

  /// A truncation with the given lengths; the depth must be at least the stride.
  public init(stride: Int, depth: Int) {
    require(stride > 0, "Truncation: a stride of \(stride) steps is not positive")
    require(depth >= stride, "Truncation: a depth of \(depth) steps is less than the stride of \(stride)")
    self.stride = stride
    self.depth = depth
  }

  /// The windows of a sequence of `steps` steps, in order.
  public func windows(steps: Int) -> [Window] {
    require(steps >= 0, "Truncation: a step count of \(steps) is negative")
    let before = depth < steps ? depth - stride : steps
    return Swift.stride(from: 0, to: steps, by: stride).map { start in
      let end = start + min(stride, steps - start)
      return Window(graph: max(0, start - before)..<end, losses: start..<end)
    }
  }
}

/// A pass of truncated backpropagation over one sequence: the position, and the states from which the next graphs start.
///
/// Each window's graph is computed with the current model from a constant state that an earlier window computed; see
/// `Truncation` for the picture. The carried state therefore comes from the model before the latest update.
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
  /// The number of windows that are done.
  public internal(set) var position = 0
  /// The state after the last step whose loss has been counted. At the end, the next sequence can continue from it.
  public internal(set) var state: State?
  /// The state at the start of the next window's graph.
  var graphState: State?
  /// The factor of cotangents between two steps of a window: above 1 if windows end at random.
  let factor: Double

  /// A pass over `steps` steps from a state; nil leaves the initial state to the model.
  public init(steps: Int, _ truncation: Truncation, from state: State? = nil) {
    self.init(truncation.windows(steps: steps), factor: 1, from: state)
  }

  init(_ windows: [Truncation.Window], factor: Double, from state: State?) {
    (self.windows, self.factor) = (windows, factor)
    self.state = state?.mappingTensors { $0.detached() }
    graphState = self.state
  }

  /// The loss and gradient of the next window; nil after the last one.
  ///
  /// - Parameters:
  ///   - model: The model to differentiate.
  ///   - advance: Runs the model through some steps from a state, and returns the outputs and the state after them.
  ///   - loss: The loss of the window's `losses` steps, given their outputs; it may be a sum or a mean.
  public mutating func next<Model: TensorGroup, Outputs>(
    at model: Model,
    advance: (_ model: Model, _ steps: Range<Int>, _ state: State?) throws -> (outputs: Outputs, state: State),
    loss: (_ model: Model, _ outputs: Outputs, _ steps: Range<Int>) throws -> Tensor
  ) rethrows -> TruncatedGradient<Model, State>? {
    guard position < windows.count else { return nil }
    if factor != 1 { return try nextScaled(at: model, advance: advance, loss: loss) }
    let (window, begin) = (windows[position], graphState)
    let next = position + 1 < windows.count ? windows[position + 1].graph.lowerBound : window.graph.upperBound
    // If the next graph starts before this window's losses, its initial state is computed on the way there.
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
      // The next graph starts within the losses, which must be computed in one piece, so these steps run again for the state.
      graphState = try advance(model, window.losses.lowerBound..<next, beforeLosses).state
    }
    graphState = graphState?.mappingTensors { $0.detached() }
    return TruncatedGradient(window: window, loss: value, gradient: gradient, initialState: begin)
  }
}

/// The result of one window of truncated backpropagation.
public struct TruncatedGradient<Model: TensorGroup, State: TensorGroup>: Sendable {
  /// The steps of the window.
  public let window: Truncation.Window
  /// The loss of its last steps, which are `window.losses`.
  public let loss: Tensor
  /// The gradient of the loss through the steps of the window's graph.
  public let gradient: Model
  /// The state at the start of the graph.
  public let initialState: State?
}
