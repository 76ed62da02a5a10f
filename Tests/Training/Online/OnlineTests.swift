import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

@testable import UnrollTraining

/// A user's cell with a memory: m' = 0.8 m + 0.2 tanh a, h' = m' σ(a), with a = x W + h U.
struct LeakyCell: AffineCell {
  struct State: RecurrentState {
    var hidden: Tensor
    var memory: Tensor

    mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
      visit(&hidden)
      visit(&memory)
    }
  }

  var inputWeight: Tensor, recurrentWeight: Tensor

  mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("recurrentWeight", &recurrentWeight)
  }

  func step(_ projected: Tensor, _ recurred: Tensor, _ state: State) -> State {
    let a = projected + recurred
    let memory = state.memory * 0.8 + a.tanh() * 0.2
    return State(hidden: memory * a.sigmoid(), memory: memory)
  }

  func initialState(batch: Int, _ type: ElementType) -> State {
    State(hidden: Tensor.zeros([batch, hiddenSize], type), memory: Tensor.zeros([batch, hiddenSize], type))
  }
}

/// A problem for learners: inputs, and weights of the outputs in the loss of each step.
private struct Problem {
  let x: Tensor, weights: Tensor
  let head: Linear

  init(batch: Int = 2, steps: Int = 7, inputs: Int = 2, hidden: Int = 3, seed: Int = 1) {
    var generator = Generator(seed: seed)
    x = Tensor.normal([batch, steps, inputs], .float64, using: &generator)
    weights = Tensor.normal([batch, steps, hidden], .float64, using: &generator)
    head = Linear(hidden, hidden, .float64, using: &generator)
  }

  func loss(_ head: Linear, _ output: Tensor, _ t: Int) -> Tensor { (head(output).square() * weights[.all, t]).sum() }

  /// Backpropagation through the whole sequence.
  func exact<Model: Module, State: TensorGroup>(
    _ model: Model, _ start: State, step: (Model, Tensor, State) -> State, output: (State) -> Tensor
  ) -> (model: Model, head: Linear) {
    gradient(at: model, head) { model, head in
      var (state, sum) = (start, Tensor(0, .float64))
      for t in 0..<x.shape[1] {
        state = step(model, x[.all, t], state)
        sum = sum + loss(head, output(state), t)
      }
      return sum
    }
  }

  func exact<Cell: RecurrentCell>(_ cell: Cell) -> (model: Cell, head: Linear) {
    exact(cell, cell.initialState(batch: x.shape[0], .float64), step: { $0($1, from: $2) }, output: \.hidden)
  }

  func exact<Cell>(_ network: Recurrent<Cell>) -> (model: Recurrent<Cell>, head: Linear) {
    exact(
      network, network.initialState(batch: x.shape[0], .float64), step: { $0($1.expandingAxis(1), from: $2).state },
      output: { $0.cells[network.layerCount - 1].hidden })
  }

  /// The summed gradients of a learner.
  func online<Learner: OnlineLearner>(_ learner: Learner, at model: Learner.Model) -> (model: Learner.Model, head: Linear) {
    var learner = learner
    var (sum, headSum) = (model * 0, head * 0)
    for t in 0..<x.shape[1] {
      let found = learner.observe(x[.all, t], at: model, head: head) { loss($0, $1, t) }
      (sum, headSum) = (sum + found.model, headSum + found.head)
    }
    return (sum, headSum)
  }
}

@Suite struct OnlineTests {
  private func expectExact<Cell: RecurrentCell>(_ cell: Cell, _ influence: Influence = .rtrl) {
    let problem = Problem(inputs: cell.inputSize ?? 2)
    let (exact, found) = (problem.exact(cell), problem.online(RealTimeLearner(of: cell, influence, batch: 2), at: cell))
    expectClose(found.model, exact.model, relative: 1e-10, absolute: 1e-10, "\(Cell.self)")
    expectClose(found.head, exact.head, relative: 1e-10, absolute: 1e-10, "head")
  }

  /// The sum over steps is backpropagation's gradient.
  @Test func realTimeIsBackpropagation() {
    var generator = Generator(seed: 2)
    expectExact(RNNCell(2, 3, .float64, using: &generator))
    expectExact(GRUCell(2, 3, .float64, using: &generator))
    expectExact(LSTMCell(2, 3, .float64, using: &generator))
    expectExact(ProjectedLSTMCell(2, 3, memory: 4, .float64, using: &generator))
    expectExact(LayerNormLSTMCell(2, 3, .float64, using: &generator))
    expectExact(
      LeakyCell(
        inputWeight: Tensor.normal([2, 3], .float64, using: &generator),
        recurrentWeight: Tensor.normal([3, 3], .float64, using: &generator)))
  }

  @Test func stacks() {
    var generator = Generator(seed: 3)
    let (problem, lstm) = (Problem(), LSTM(2, [2, 3], .float64, &generator))
    let (exact, found) = (problem.exact(lstm), problem.online(RealTimeLearner(of: lstm, batch: 2), at: lstm))
    expectClose(found.model, exact.model, relative: 1e-10, absolute: 1e-10)
    expectClose(found.head, exact.head, relative: 1e-10, absolute: 1e-10)
  }

  private func expectBiased<Cell: RecurrentCell>(_ cell: Cell, _ influences: Influence...) {
    for influence in influences {
      let (exact, found) = (Problem().exact(cell), Problem().online(RealTimeLearner(of: cell, influence, batch: 2), at: cell))
      #expect((exact.model - found.model).norm > 1e-3 * exact.model.norm, "\(Cell.self) \(influence)")
    }
  }

  /// The table of the guide: which influence is everything for which cell, and which is not.
  @Test func exactness() {
    var generator = Generator(seed: 4)
    let apart = IndRNNCell(2, 3, activation: .tanh, .float64, using: &generator)
    for influence in [Influence.rtrl, .diagonal, .snap1] { expectExact(apart, influence) }
    expectBiased(apart, .eprop)
    // Rectifiers: parameters of a unit that is off reach nothing yet.
    expectExact(IndRNNCell(2, 3, .float64, using: &generator), .snap1)
    for influence in Influence.allCases {
      expectExact(MinGRUCell(2, 3, .float64, using: &generator), influence)
      expectExact(MinLSTMCell(2, 3, .float64, using: &generator), influence)
      expectExact(RGLRUCell(3, 3, .float64, using: &generator), influence)
    }
    let (qrnn, sru) = (QRNNCell(2, 3, .float64, using: &generator), SRUCell(2, 3, .float64, using: &generator))
    let lru = LRUCell(2, 3, memory: 4, .float64, using: &generator)
    for influence in [Influence.rtrl, .snap1, .eprop] {
      expectExact(qrnn, influence)
      expectExact(sru, influence)
    }
    expectBiased(qrnn, .diagonal)
    expectBiased(sru, .diagonal)
    for influence in [Influence.rtrl, .eprop] { expectExact(lru, influence) }
    expectBiased(lru, .diagonal, .snap1)
    expectBiased(RNNCell(2, 3, .float64, using: &generator), .diagonal, .snap1, .eprop)
    expectBiased(GRUCell(2, 3, .float64, using: &generator), .diagonal, .snap1, .eprop)
    expectBiased(LSTMCell(2, 3, .float64, using: &generator), .diagonal, .snap1, .eprop)
  }

  /// The mean over many draws is the exact gradient, within four standard errors of every number.
  @Test func rankOneIsUnbiased() {
    var generator = Generator(seed: 5)
    let problem = Problem(batch: 2, steps: 4, hidden: 2)
    let cell = LSTMCell(2, 2, .float64, using: &generator)
    var draws = Draws(problem.exact(cell).model)
    for _ in 0..<800 { draws.add(problem.online(UORO(of: cell, batch: 2, using: &generator), at: cell).model) }
    draws.expectUnbiased()
    // A stack runs by the same rule.
    let gru = GRU(2, [2, 2], .float64, &generator)
    var deep = Draws(problem.exact(gru).model)
    for _ in 0..<300 { deep.add(problem.online(UORO(of: gru, batch: 2, using: &generator), at: gru).model) }
    deep.expectUnbiased()
  }

  /// What arrays take after some thousand steps of all learners, and at most within them, is what they took after ten. In a process of
  /// its own; `unroll-bench --case online_memory` goes on to a hundred thousand.
  @Test func memoryIsFlat() async {
    await #expect(processExitsWith: .success) {
      var generator = Generator(seed: 6)
      let cell = RNNCell(16, 4, .float64, using: &generator)
      for influence in Influence.allCases { expectFlatMemory(RealTimeLearner(of: cell, influence), at: cell) }
      expectFlatMemory(UORO(of: cell, using: &generator), at: cell)
    }
  }

  /// Nothing that is carried grows or is recorded.
  @Test func nothingOfThePastIsHeld() {
    var generator = Generator(seed: 6)
    let cell = GRUCell(2, 3, .float64, using: &generator)
    for influence in Influence.allCases {
      expectFlat(RealTimeLearner(of: cell, influence, batch: 2), at: cell, "\(influence)")
    }
    expectFlat(UORO(of: cell, batch: 2, using: &generator), at: cell, "UORO")
    let lstm = LSTM(2, 3, layers: 2, .float64, using: &generator)
    expectFlat(RealTimeLearner(of: lstm, batch: 2), at: lstm, "stack")
  }

  private func expectFlat<Learner: OnlineLearner>(_ learner: Learner, at model: Learner.Model, _ name: String) {
    var learner = learner
    let x = Problem().x
    /// No tensor of what is carried is recorded: nothing of the past is held.
    func held() -> [Int] {
      let parts = Mirror(reflecting: learner).children.compactMap { $0.value as? any TensorGroup }
      let tensors = parts.flatMap { $0.tensors }
      for tensor in tensors { #expect(!tensor.isRecorded, "\(name)") }
      return tensors.map(\.count)
    }
    var counts: [[Int]] = []
    for t in 0..<100 {
      _ = learner.observe(x[.all, t % 7], at: model) { $0.square().sum() }
      if t == 9 || t == 99 { counts.append(held()) }
    }
    #expect(counts[0] == counts[1] && !counts[0].isEmpty, "\(name)")
  }

  /// Gradients of a frozen parameter are frozen, and a step without a loss has none.
  @Test func frozenAndSilent() {
    var generator = Generator(seed: 7)
    let cell = GRUCell(2, 3, .float64, using: &generator).freezing { $0 == "bias" }
    var learner = RealTimeLearner(of: cell)
    let x = Tensor.ones([1, 2], .float64)
    let silent = learner.observe(x, at: cell) { _ in Tensor(0, .float64) }
    #expect(silent.model.norm == 0 && silent.loss.item == 0)
    let found = learner.observe(x, at: cell) { $0.square().sum() }
    #expect(found.model.bias?.isFrozen == true && found.model.norm > 0 && !found.loss.isRecorded)
  }

  @Test func messages() async {
    let rows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let cell = RNNCell(2, 3, using: &generator)
      var learner = RealTimeLearner(of: cell)
      _ = learner.observe(Tensor.ones([2, 2]), at: cell) { $0.sum() }
    }
    #expect(stopSentence(rows) == "RealTimeLearner: an input of 2 rows does not fit a state of 1")
    let step = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let cell = RNNCell(2, 3, using: &generator)
      var learner = UORO(of: cell, using: &generator)
      _ = learner.observe(Tensor.ones([2]), at: cell) { $0.sum() }
    }
    #expect(stopSentence(step) == "UORO: an input of shape [2] is not one step, [batch, inputs]")
    let backward = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = RealTimeLearner(of: GRU(2, 3, bidirectional: true, using: &generator))
    }
    #expect(
      stopSentence(backward) == "online learning: a network that runs backward in time has no output before the sequence ends")
  }
}

/// The pool's figures for ten steps and for a thousand, after ten others.
private func expectFlatMemory(_ learner: some OnlineLearner<RNNCell, HiddenState>, at cell: RNNCell) {
  var learner = learner
  let x = Tensor.ones([1, 16], .float64)
  func figures(_ steps: Int) -> [Int] {
    MemoryPool.resetPeak()
    for _ in 0..<steps { _ = learner.observe(x, at: cell) { $0.square().sum() } }
    return [MemoryPool.figures.bytesInUse, MemoryPool.figures.peakBytesInUse]
  }
  _ = figures(10)
  let (early, late) = (figures(10), figures(1000))
  #expect(early == late && early[0] > 0, "\(early) against \(late)")
}

extension Recurrent where Cell: SizedCell {
  /// Layers of different sizes.
  init(_ inputs: Int, _ sizes: [Int], _ type: ElementType, _ generator: inout Generator) {
    self.init(inputs, sizes) { Cell($0, $1, bias: true, type, using: &generator) }
  }
}

/// Random draws of a gradient, and the one that should be their mean.
struct Draws<Model: Module> {
  private let exact: Model
  private var sum: Model
  private var squares: Model
  private var count = 0.0

  init(_ exact: Model) {
    self.exact = exact
    sum = exact * 0
    squares = exact * 0
  }

  mutating func add(_ draw: Model) {
    sum = sum + draw
    squares = squares + draw.mapping { $0.square() }
    count += 1
  }

  /// Every number within four and a half standard errors, and the sum of squared deviations near its mean.
  func expectUnbiased(at location: SourceLocation = #_sourceLocation) {
    var (total, numbers) = (0.0, 0.0)
    for ((mean, square), exact) in zip(zip((sum * (1 / count)).tensors, (squares * (1 / count)).tensors), exact.tensors) {
      let errors = ((square - mean.square()).maximum(0) / count).squareRoot() + 1e-12
      let deviations = (mean - exact) / errors
      #expect(deviations.magnitude().max().item < 4.5, "\(deviations)", sourceLocation: location)
      total += deviations.square().sum().item
      numbers += Double(exact.count)
    }
    // Numbers of one gradient depend on each other, so that this is a coarse bound.
    #expect(total < 4 * numbers, "\(total) of \(numbers)", sourceLocation: location)
  }
}
