import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

@testable import UnrollNetworks

/// Single steps run the program of the cell's step, with the results of the step itself.
@Suite struct PreparedProgramTests {
  typealias FreeCell = StepProgramTests.FreeCell

  private static func draw(_ shape: Shape, _ type: ElementType, _ generator: inout Generator) -> Tensor {
    Tensor(NDArray.normal(shape, .float64, using: &generator).cast(to: type))
  }

  /// One after the other as the cell's operations leave them, from states that are not zero, at several batches in turn.
  private static func check<Cell: RecurrentCell>(
    _ cell: Cell, _ type: ElementType = .float64, seed: Int = 1, batches: [Int] = [1, 3, 40], isProgram: Bool = true
  ) {
    var generator = Generator(seed: seed)
    let layer = Recurrent(forward: [cell])
    let stream = layer.prepared()
    for batch in batches + batches {
      let start = cell.initialState(batch: batch, type).mappingTensors { draw($0.shape, type, &generator) }
      var (state, expected) = (RecurrentStates(cells: [start]), start)
      for _ in 0..<3 {
        let x = draw([batch, 3], type, &generator)
        let output = stream(x, state: &state)
        expected = cell(x, from: expected)
        for (a, b) in zip([output] + state.tensors, [expected.hidden] + expected.tensors) {
          let bound = type == .float64 ? 1e-12 : 2e-4
          let size = max(1, b.array.magnitude().max().cast(to: .float64).item)
          #expect(
            a.shape == b.shape && a.array.isClose(to: b.array, relative: bound, absolute: bound * size),
            "\(Cell.self), seed \(seed), \(batch) rows: \(a)\nagainst\n\(b)")
        }
        expected = state.cells[0]
      }
    }
    if isProgram { #expect(layer.traces.count == batches.count, "\(Cell.self)") }
  }

  @Test func everyCell() {
    var g = Generator(seed: 1)
    let lstm = LSTMCell(3, 4, .float64, using: &g)
    Self.check(lstm)
    Self.check(LSTMCell(3, 4, bias: false, .float64, using: &g))
    var peepholes = PeepholeLSTMCell(3, 4, .float64, using: &g)
    peepholes.peepholes = Self.draw([3, 4], .float64, &g)
    Self.check(peepholes)
    for reset in [GRUCell.Reset.before, .after] {
      Self.check(GRUCell(3, 4, reset: reset, .float64, using: &g))
      Self.check(MGUCell(3, 4, reset: reset, .float64, using: &g))
    }
    for activation in [Activation.tanh, .relu, .custom { $0.sin() }] {
      Self.check(RNNCell(3, 4, activation: activation, .float64, using: &g))
    }
    Self.check(LayerNormLSTMCell(3, 4, epsilon: 0.2, .float64, using: &g))
    Self.check(GateNormLSTMCell(3, 4, epsilon: 0.2, .float64, using: &g))
    Self.check(LayerNormGRUCell(3, 4, epsilon: 0.2, .float64, using: &g))
    Self.check(LayerNormRNNCell(3, 4, epsilon: 0.2, .float64, using: &g))
    Self.check(ProjectedLSTMCell(3, 4, memory: 6, .float64, using: &g))
    Self.check(CoupledLSTMCell(3, 4, peepholes: true, .float64, using: &g))
    Self.check(IndRNNCell(3, 4, activation: .tanh, .float64, using: &g))
    Self.check(CoRNNCell(3, 4, .float64, using: &g))
    Self.check(LEMCell(3, 4, .float64, using: &g))
    Self.check(QRNNCell(3, 4, window: 3, .float64, using: &g))
    Self.check(LRUCell(3, 4, .float64, using: &g))
    Self.check(MemoryClipped(lstm, bound: 0.3))
    Self.check(Zoneout(lstm, hidden: 0.3, memory: 0.4))
    Self.check(MemoryZoneout(lstm, hidden: 0.3, memory: 0.4))
    Self.check(WeightDropped(lstm, rate: 0.4))
    var other = lstm
    other.activations = GateActivations(gate: .hardSigmoid(), candidate: .softsign, output: .scaledTanh(outer: 1.7, inner: 0.6))
    Self.check(other)
  }

  @Test(arguments: [ElementType.float64, .float32]) func randomSteps(_ type: ElementType) {
    for seed in 0..<60 { Self.check(StepProgramTests.randomCell(seed, type), type, seed: seed, batches: [1, 2 + seed % 9]) }
  }

  /// A step that cannot be a program runs operation by operation.
  @Test func otherSteps() {
    var g = Generator(seed: 3)
    Self.check(
      FreeCell(3, 4, blocks: 1, .float64, &g) { _, a, b, state in
        LSTMState(hidden: (a + b).sum().item > 0 ? (a + b).tanh() : (a - b).tanh(), cell: state.cell)
      }, isProgram: false)
    Self.check(
      FreeCell(3, 4, blocks: 1, .float64, &g) { _, a, b, state in
        LSTMState(hidden: (a + b - a.mean(axes: 0, keepingAxes: true)).tanh(), cell: state.cell)
      }, isProgram: false)
  }

  /// More numbers of rows than programs are remembered, and rows that need several blocks.
  @Test func manyBatches() {
    var g = Generator(seed: 5)
    Self.check(CoupledLSTMCell(3, 70, .float64, using: &g), batches: Array(1...20) + [97], isProgram: false)
  }

  /// What is prepared are the weights as they were, also for shapes that come later.
  @Test func laterWeightsChangeNothing() {
    var g = Generator(seed: 6)
    var layer = CoupledLSTM(3, 4, .float64, using: &g)
    let (old, stream) = (layer, layer.prepared())
    layer.forward[0].inputWeight = layer.forward[0].inputWeight * 3
    for batch in [1, 2] {
      let x = Self.draw([batch, 3], .float64, &g)
      var (state, expected) = (stream.initialState(batch: batch, .float64), old.initialState(batch: batch, .float64))
      let (a, b) = (stream(x, state: &state), old.next(x, state: &expected))
      #expect(a.array.isClose(to: b.array, relative: 1e-12, absolute: 1e-12))
    }
  }

  /// After the first step none takes memory that is not given back, but the states that are handed on.
  @Test func aStepOfAnyCellTakesNoNewMemory() async {
    await #expect(processExitsWith: .success) {
      var g = Generator(seed: 1)
      let layer = CoupledLSTM(32, 64, using: &g)
      let stream = layer.prepared()
      var state = stream.initialState(batch: 1)
      let x = Tensor.ones([1, 32])
      for _ in 0..<10 { _ = stream(x, state: &state) }
      let before = MemoryPool.figures
      for _ in 0..<100 { _ = stream(x, state: &state) }
      let after = MemoryPool.figures
      #expect(after.systemAllocations == before.systemAllocations && after.bytesInUse == before.bytesInUse)
      #expect(layer.traces.count == 1)
    }
  }

  /// Programs for other numbers of rows share what is packed.
  @Test func weightsArePackedOnce() async {
    await #expect(processExitsWith: .success) {
      var g = Generator(seed: 1)
      let stream = GRU(128, 128, using: &g).prepared()
      var before = 0
      for batch in 1...12 {
        var state = stream.initialState(batch: batch)
        _ = stream(Tensor.ones([batch, 128]), state: &state)
        if batch == 1 { before = MemoryPool.figures.bytesInUse }
      }
      #expect(MemoryPool.figures.bytesInUse - before < 3 * 128 * 128 * 4)
    }
  }

  @Test func aStateOfOtherPartsStops() async {
    let parts = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var g = Generator(seed: 1)
      let stream = Recurrent(forward: [Growing(weight: Self.draw([3, 4], .float32, &g))]).prepared()
      var state = RecurrentStates(cells: [Growing.State(hidden: Tensor.zeros([1, 4]), further: [])])
      _ = stream(Tensor.zeros([1, 3]), state: &state)
    }
    #expect(stopSentence(parts) == "prepared: a state of 1 tensors does not fit a cell whose state has 2")
  }

  /// A cell whose state has as many parts as somebody puts there.
  private struct Growing: RecurrentCell {
    struct State: RecurrentState {
      var hidden: Tensor
      var further: [Tensor]

      mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
        visit(&hidden)
        further.visitTensors(visit)
      }
    }

    var weight: Tensor
    var hiddenSize: Int { 4 }

    mutating func visit(_ visitor: Visitor) { visitor("weight", &weight) }
    func project(_ x: Tensor) -> Tensor { x.matmul(weight) }
    func recur(_ hidden: Tensor) -> Tensor { hidden }
    func step(_ projected: Tensor, _ recurred: Tensor, _ state: State) -> State {
      State(hidden: (projected + recurred).tanh(), further: state.further)
    }
    func initialState(batch: Int, _ type: ElementType) -> State {
      State(hidden: Tensor.zeros([batch, 4], type), further: [Tensor.zeros([batch, 4], type)])
    }
  }
}
