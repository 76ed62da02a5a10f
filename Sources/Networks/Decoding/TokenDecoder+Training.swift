public import UnrollArrays
public import UnrollAutograd

/// The result of running a decoder for a fixed number of steps; differentiable.
public struct DecoderRun<State: TensorGroup>: TensorGroup {
  /// The logits of every step, `[rows, steps, vocabulary]`.
  public var logits: Tensor
  /// The input token of each step, `[rows, steps]`.
  public let fed: Indices
  /// The state after the last step.
  public var state: State

  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    visit(&logits)
    state.visitTensors(visit)
  }
}

extension TokenDecoder {
  /// Teacher forcing: the logits for every target when each step's input is the previous target.
  ///
  /// Targets are `[rows, steps]`; the first step's input is `first`, `[rows]`. The end token is a target like any other; any
  /// token may pad a row after it if the loss ignores it. Inside `gradient`, make the decoder from the model that is being
  /// differentiated. If a step needs only the state and the token, calling the network over the whole sequence gives the same
  /// result faster.
  ///
  ///     let slope = gradient(at: Embedding(3, 3, using: &generator)) { table in
  ///       let decoder = TokenDecoder(vocabulary: 3, end: 2) { (ids: Indices, state: inout Tensor) in state + table(ids) }
  ///       let targets = Indices([1, 2, 0, 2], shape: [2, 2])
  ///       return crossEntropy(decoder.teacherForced(targets, first: [0, 0], from: Tensor.zeros([2, 3])).logits, targets)
  ///     }
  public func teacherForced(_ targets: Indices, first: Indices, from state: State) -> DecoderRun<State> {
    let targets = steps(targets, first, "teacherForced")
    return run("teacherForced", targets.count, first, state) { step, _ in targets[step] }
  }

  /// Free running: the logits when each step's input is the most likely token of the previous step, even after the end token.
  ///
  ///     let decoder = TokenDecoder(vocabulary: 3, end: 2) { (ids: Indices, state: inout Tensor) in state }
  ///     let run = decoder.freeRunning(4, first: [0, 0], from: Tensor.zeros([2, 3]))  // logits [2, 4, 3]
  public func freeRunning(_ steps: Int, first: Indices, from state: State) -> DecoderRun<State> {
    run("freeRunning", steps, first, state) { _, own in own }
  }

  /// Scheduled sampling: each input, token by token, is the most likely token of the previous step with probability
  /// `ownProbability`, and the previous target otherwise. Probability 0 is teacher forcing, and 1 is free running.
  ///
  ///     let decoder = TokenDecoder(vocabulary: 3, end: 2) { (ids: Indices, state: inout Tensor) in state }
  ///     let targets = Indices([1, 2, 0, 2], shape: [2, 2])
  ///     let run = decoder.mixed(targets, first: [0, 0], from: Tensor.zeros([2, 3]), ownProbability: 0.25, using: &generator)
  public func mixed(
    _ targets: Indices, first: Indices, from state: State, ownProbability: Double, using generator: inout Generator
  ) -> DecoderRun<State> {
    require(
      ownProbability >= 0 && ownProbability <= 1, "mixed: a probability of \(ownProbability) for own tokens is not in 0...1")
    let targets = steps(targets, first, "mixed")
    return run("mixed", targets.count, first, state) { step, own in
      zip(own, targets[step]).map { Double.random(in: 0..<1, using: &generator) < ownProbability ? $0 : $1 }
    }
  }

  /// Runs the steps. After the first, `next` chooses the input tokens from the previous step's number and its most likely
  /// tokens.
  private func run(
    _ operation: String, _ steps: Int, _ first: Indices, _ state: State, next: (_ step: Int, _ own: [Int]) -> [Int]
  ) -> DecoderRun<State> {
    requireBeginning(first, state, steps, operation)
    var (state, tokens) = (state, first.values)
    var (all, fed): ([Tensor], [Int]) = ([], [])
    for step in 0..<steps {
      fed += tokens
      let scores = logits(Indices(tokens), &state, operation)
      all.append(scores)
      if step + 1 < steps { tokens = next(step, scores.argmax().values) }
    }
    let order = Indices(fed, shape: [steps, first.count]).transposed()
    return DecoderRun(logits: Tensor.stack(all, axis: 1), fed: order, state: state)
  }

  /// The targets of each step.
  private func steps(_ targets: Indices, _ first: Indices, _ operation: String) -> [[Int]] {
    require(
      targets.rank == 2 && targets.shape[0] == first.count && targets.shape[1] > 0,
      "\(operation): targets of shape \(targets.shape) are not [\(first.count) rows, steps]")
    requireTokens(targets, operation)
    let (rows, count, values) = (first.count, targets.shape[1], targets.values)
    return (0..<count).map { step in (0..<rows).map { values[$0 * count + step] } }
  }
}
