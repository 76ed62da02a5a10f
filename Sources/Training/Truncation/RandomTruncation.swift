public import UnrollArrays
internal import UnrollAutograd

extension TruncatedPass {
  /// A pass whose windows end at random: after every step with the given probability c (anticipated reweighted truncated
  /// backpropagation, ARTBP).
  ///
  /// What a gradient loses where a window ends, it gains where none does: between two steps of a window cotangents are divided by
  /// 1 − c, so that the mean over the draws of the summed gradients is the gradient of the whole sequence. Windows have 1/c steps
  /// in the mean; a long one counts much, so that the variance is large where gradients reach far beyond that.
  ///
  /// `advance` and `loss` are called for one step at a time, and losses are added: the loss of a sequence must be a sum over
  /// steps.
  ///
  ///     let rnn = RNN(3, 4, using: &generator)
  ///     let inputs = Tensor.ones([2, 24, 3])
  ///     var pass = TruncatedPass<RNN.State>(steps: 24, endingWith: 0.2, using: &generator)
  ///     var sum = rnn * 0
  ///     while let window = pass.next(
  ///       at: rnn, advance: { rnn, steps, state in rnn(inputs[.all, steps], from: state) },
  ///       loss: { _, outputs, _ in outputs.square().sum() })
  ///     {
  ///       sum = sum + window.gradient
  ///     }
  public init(steps: Int, endingWith probability: Double, from state: State? = nil, using generator: inout Generator) {
    require(steps >= 0, "TruncatedPass: a step count of \(steps) is negative")
    require(
      probability >= 0 && probability < 1, "TruncatedPass: windows cannot end with a probability of \(probability)")
    let draws = Tensor.uniform([steps], .float64, using: &generator).scalars(as: Double.self)
    self.init(
      ends: (0..<steps).filter { $0 == steps - 1 || draws[$0] < probability }, probability: probability, from: state)
  }

  /// The same with given last steps of the windows.
  init(ends: [Int], probability: Double, from state: State?) {
    let starts = [0] + ends.dropLast().map { $0 + 1 }
    let windows = zip(starts, ends).map { Truncation.Window(graph: $0..<($1 + 1), losses: $0..<($1 + 1)) }
    self.init(windows, factor: 1 / (1 - probability), from: state)
  }

  /// The next window, step by step, with the factor between steps.
  mutating func nextScaled<Model: TensorGroup, Outputs>(
    at model: Model,
    advance: (_ model: Model, _ steps: Range<Int>, _ state: State?) throws -> (outputs: Outputs, state: State),
    loss: (_ model: Model, _ outputs: Outputs, _ steps: Range<Int>) throws -> Tensor
  ) rethrows -> TruncatedGradient<Model, State>? {
    let (window, begin, factor) = (windows[position], graphState, factor)
    let (value, after, gradient) = try valueAndGradient(at: model) { model in
      var (state, sum) = (begin, Tensor?.none)
      for t in window.losses {
        if t > window.losses.lowerBound {
          state = state?.mappingTensors { $0.replacingCotangent { $0 * factor } }
        }
        let (outputs, next) = try advance(model, t..<(t + 1), state)
        let value = try loss(model, outputs, t..<(t + 1))
        (state, sum) = (next, sum.map { $0 + value } ?? value)
      }
      return (sum ?? Tensor(0), state)
    }
    position += 1
    state = after?.mappingTensors { $0.detached() }
    graphState = state
    return TruncatedGradient(window: window, loss: value, gradient: gradient, initialState: begin)
  }
}
