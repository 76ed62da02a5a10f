internal import UnrollArrays
internal import UnrollAutograd

/// A sequence to run through one cell, with its options.
struct Scan: Sendable {
  /// The inputs of every step, `[time, batch, features]`.
  let input: Tensor
  /// Whether each step is part of the row's sequence, `[time, batch, 1]`; nil if all are.
  let mask: Mask?
  /// Whether time runs backward.
  let isReversed: Bool
  /// The factors of the hidden state before the recurrent product, `[batch, hidden]`: one draw of dropout for all steps.
  let hiddenFactors: Tensor?
  /// The cell's random draws for each step, `[time, batch, anything]` each; empty outside training.
  let noise: [Tensor]
  /// Whether the states after all steps are wanted, in addition to the outputs.
  let keepsStates: Bool
  /// The number of steps between checkpoints, which keep only states for backward; nil keeps everything.
  let segment: Int?
  /// The probe whose cotangent returns the norms of the states' cotangents; nil if they are not needed. See
  /// `Recurrent.normProbes`.
  let norms: Tensor?

  init(
    input: Tensor, mask: Mask?, isReversed: Bool, hiddenFactors: Tensor? = nil, noise: [Tensor] = [], keepsStates: Bool = false,
    segment: Int? = nil, norms: Tensor? = nil
  ) {
    self.input = input
    self.mask = mask
    self.isReversed = isReversed
    self.hiddenFactors = hiddenFactors
    self.noise = noise
    self.keepsStates = keepsStates
    self.segment = segment
    self.norms = norms
  }

  /// The steps in the order in which the cell runs them.
  var order: [Int] {
    let count = input.shape[0]
    return isReversed ? Array((0..<count).reversed()) : Array(0..<count)
  }
}

/// The results of a sequence.
struct ScanResult<State: RecurrentState>: TensorGroup {
  /// The outputs of all steps, `[time, batch, hidden]`; 0 where a row does not take part.
  var outputs: Tensor
  /// The state after each row's last step.
  var last: State
  /// The states after all steps, each part `[time, batch, ...]` and 0 where a row does not take part; nil unless the scan asks
  /// for them.
  var states: State?

  mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    visit(&outputs)
    last.visitTensors(visit)
    states.visitTensors(visit)
  }
}

extension Scan {
  /// Runs the sequence with the compiled program of the cell's step. Where the step cannot be traced, a linear cell runs as one
  /// recurrence in tensor arithmetic, and other cells run step by step.
  ///
  /// The program comes first, since its numbers stay in a cache from a product to the next state. Measured for a minGRU's training
  /// step (`unroll-bench --case linear_train`), the recurrence took 1.4 to 2.3 times as long, on one thread and on two, for one row of
  /// 1000 steps and for 32 rows of 512.
  func run<Cell: RecurrentCell>(
    _ cell: Cell, from state: Cell.State, _ traces: StepTraces<Cell> = StepTraces()
  ) -> ScanResult<Cell.State> {
    let stepByStep: Way<Cell.State> = { $0.stepped(cell, from: $1) }
    if cell is any EveryStepCell { return inTensors(state, stepByStep) }
    if let result = fused(cell, from: state, traces) { return result }
    if let way = linear(cell) { return inTensors(state, way) }
    if input.isTracedWhole && noise.isEmpty && norms == nil { return kept(cell, from: state) }
    return inTensors(state, stepByStep)
  }

  /// A way to run a sequence in tensor arithmetic.
  typealias Way<State: RecurrentState> = @Sendable (Scan, State) -> ScanResult<State>

  /// Runs the sequence in tensor arithmetic, whole or in segments.
  private func inTensors<State: RecurrentState>(_ state: State, _ run: @escaping Way<State>) -> ScanResult<State> {
    guard let segment, segment < input.shape[0] else { return run(self, state) }
    return segmented(state, segment, run)
  }

  /// Runs the sequence step by step: the reference for every faster way, and the source of their higher derivatives.
  func stepped<Cell: RecurrentCell>(_ cell: Cell, from state: Cell.State) -> ScanResult<Cell.State> {
    let (inputs, noise, masks) = (cell.project(input).unstacked(), noise.map { $0.unstacked() }, mask?.steps)
    var (outputs, states): ([Tensor], [Cell.State?]) = (inputs, Array(repeating: nil, count: keepsStates ? inputs.count : 0))
    var state = state
    for t in order {
      let hidden = hiddenFactors.map { state.hidden * $0 } ?? state.hidden
      let recurred = cell.recur(hidden)
      let next =
        noise.isEmpty
        ? cell.step(inputs[t], recurred, state) : cell.step(inputs[t], recurred, state, noise: noise.map { $0[t] })
      if let mask = masks?[t] {
        // Before a row's sequence begins and after it ends, its state does not change and its output is 0.
        state = next.replacingTensors(zip(next.tensors, state.tensors).map { $0.selected(where: mask, else: $1) })
        outputs[t] = next.hidden.selected(where: mask, else: Tensor(0, next.hidden.type))
        if keepsStates { states[t] = next.mappingTensors { $0.selected(where: mask, else: Tensor(0, $0.type)) } }
      } else {
        state = next
        outputs[t] = next.hidden
        if keepsStates { states[t] = next }
      }
    }
    return ScanResult(outputs: Tensor.stack(outputs), last: state, states: stacked(states.compactMap { $0 }))
  }

  /// Runs the sequence in segments, each of which backward computes again.
  private func segmented<State: RecurrentState>(
    _ state: State, _ length: Int, _ run: @escaping Way<State>
  ) -> ScanResult<State> {
    let count = input.shape[0]
    var parts: [ScanResult<State>] = []
    var state = state
    for first in stride(from: 0, to: count, by: length) {
      let last = min(first + length, count)
      let times = isReversed ? (count - last)..<(count - first) : first..<last
      let (mask, noise) = (mask?[times], noise.map { $0[times] })
      let result = checkpointed(Piece(input: input[times], state: state)) { piece in
        let scan = Scan(
          input: piece.input, mask: mask, isReversed: isReversed, hiddenFactors: hiddenFactors, noise: noise,
          keepsStates: keepsStates)
        return run(scan, piece.state)
      }
      state = result.last
      parts.append(result)
    }
    if isReversed { parts.reverse() }
    let states = parts.compactMap(\.states)
    let joined = states.first.map { first in
      first.replacingTensors(first.tensors.indices.map { i in Tensor.concatenate(states.map { $0.tensors[i] }, axis: 0) })
    }
    return ScanResult(outputs: Tensor.concatenate(parts.map(\.outputs), axis: 0), last: state, states: joined)
  }

  /// The input and initial state of a segment.
  private struct Piece<State: RecurrentState>: TensorGroup {
    var input: Tensor
    var state: State

    mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
      visit(&input)
      state.visitTensors(visit)
    }
  }

  /// The states of all steps, stacked into one.
  private func stacked<State: RecurrentState>(_ states: [State]) -> State? {
    states.first.map { first in
      first.replacingTensors(first.tensors.indices.map { i in Tensor.stack(states.map { $0.tensors[i] }) })
    }
  }
}

extension Tensor {
  fileprivate func selected(where mask: Mask, else other: Tensor) -> Tensor { Tensor.select(mask, self, other) }
}

extension Mask {
  /// The mask of each step: `[time, batch, 1]` gives `[batch, 1]` views, so that nothing is copied however long the sequence.
  var steps: [Mask] { (0..<shape[0]).map { self[$0] } }
}
