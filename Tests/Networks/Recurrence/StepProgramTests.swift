import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

@testable import UnrollNetworks

/// Every cell's step becomes a program, and a program's results are those of the steps.
@Suite struct StepProgramTests {
  /// What stands in the way of a cell's program; nil where nothing does.
  static func obstacle<Cell: RecurrentCell>(_ cell: Cell, noisy: Bool = false) -> StepwiseReason? {
    let state = cell.initialState(batch: 5, .float64)
    var generator = Generator(seed: 3)
    let draws = noisy ? cell.noise(steps: 1, batch: 5, .float64, using: &generator).map { Shape($0.shape.dropFirst()) } : []
    let result = StepTraces<Cell>().step(cell, input: [5, 3], state: state, draws: draws, factors: nil, .float64)
    if case .failure(let failure) = result { return failure.reason }
    return nil
  }

  /// Other numbers of the same shapes go by the same program; another choice has its own.
  @Test func programsAreKept() {
    var g = Generator(seed: 1)
    var layer = CoupledLSTM(3, 4, .float64, using: &g)
    for _ in 0..<3 {
      _ = gradient(at: layer) { layer in layer(Tensor.ones([2, 5, 3], .float64)).outputs.sum() }
      layer.forward[0].inputWeight = Tensor.normal(layer.forward[0].inputWeight.shape, .float64, using: &g)
    }
    #expect(layer.traces.count == 1)
    layer.forward[0].activations = GateActivations(gate: .hardSigmoid())
    _ = layer(Tensor.ones([2, 5, 3], .float64))
    _ = layer(Tensor.ones([2, 6, 3], .float64))
    #expect(layer.traces.count == 2)
    _ = layer(Tensor.ones([4, 6, 3], .float64))
    #expect(layer.traces.count == 3)
  }

  /// A cell whose step is a closure.
  struct FreeCell: RecurrentCell {
    var inputWeight: Tensor
    var recurrentWeight: Tensor
    var bias: Tensor
    var gain: Tensor
    let body: @Sendable (FreeCell, _ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> LSTMState
    var hiddenSize: Int { gain.count }

    init(
      _ inputs: Int, _ hidden: Int, blocks: Int, _ type: ElementType, _ generator: inout Generator,
      _ body: @escaping @Sendable (FreeCell, Tensor, Tensor, LSTMState) -> LSTMState
    ) {
      func draw(_ shape: Shape) -> Tensor {
        Tensor(NDArray.normal(shape, deviation: 0.4, .float64, using: &generator).cast(to: type))
      }
      inputWeight = draw([inputs, blocks * hidden])
      recurrentWeight = draw([hidden, blocks * hidden])
      bias = draw([blocks * hidden])
      gain = draw([hidden])
      self.body = body
    }

    mutating func visit(_ visitor: Visitor) {
      visitor("inputWeight", &inputWeight)
      visitor("recurrentWeight", &recurrentWeight)
      visitor("bias", &bias)
      visitor("gain", &gain)
    }

    func project(_ x: Tensor) -> Tensor { x.affine(inputWeight, bias: bias) }
    func recur(_ hidden: Tensor) -> Tensor { hidden.matmul(recurrentWeight) }
    func step(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> LSTMState {
      body(self, projected, recurred, state)
    }
    func initialState(batch: Int, _ type: ElementType) -> LSTMState {
      LSTMState(hidden: Tensor.zeros([batch, hiddenSize], type), cell: Tensor.zeros([batch, hiddenSize], type))
    }
  }

  /// A step made at random: functions of functions of blocks, states and parameters, norms and products among them.
  static func randomCell(_ seed: Int, _ type: ElementType) -> FreeCell {
    var generator = Generator(seed: seed)
    let plan = (0..<24).map { _ in Int(generator.next() % 1024) }
    return FreeCell(3, 4, blocks: 3, type, &generator) { cell, projected, recurred, state in
      var choices = plan.makeIterator()
      func choose(_ count: Int) -> Int { (choices.next() ?? 0) % count }
      var rows =
        [state.hidden, state.cell]
        + (choose(2) == 0
          ? (projected + recurred).chunks(3, axis: -1)
          : projected.chunks(3, axis: -1) + recurred.chunks(3, axis: -1))
      for _ in 0..<6 {
        let (x, y) = (rows[choose(rows.count)], rows[choose(rows.count)])
        switch choose(13) {
        case 0: rows.append(x.sigmoid() * y)
        case 1: rows.append(x.tanh() + y)
        case 2: rows.append(x * (1 - y.sigmoid()))
        case 3: rows.append(x.layerNorm(scale: cell.gain, epsilon: 0.5))
        case 4: rows.append((x * cell.gain).sin())
        case 5: rows.append(x.softmax(axis: -1) - y)
        case 6: rows.append((x * 0.5).matmul(cell.recurrentWeight[.all, ..<4]) + y.tanh())
        case 7: rows.append(x / (y.square() + 1))
        case 8: rows.append(x - y.mean(axes: -1, keepingAxes: true))
        case 9: rows.append(Tensor.concatenate([x[.all, 2...], y[.all, ..<2]], axis: -1))
        case 10: rows.append(x.clipped(minimum: -0.4, maximum: 0.6) + y.relu())
        case 11: rows.append((x + cell.gain).hardSigmoid() * y)
        default: rows.append(x * y.magnitude() + x.sum(axes: -1, keepingAxes: true) * 0.1)
        }
      }
      let (a, b) = (rows[rows.count - 1], rows[choose(rows.count)])
      return LSTMState(hidden: a.tanh(), cell: (b * 0.5 + state.cell * 0.3).clipped(minimum: -3, maximum: 3))
    }
  }

  /// Random steps by their programs are those steps one by one: values and all gradients, masked, reversed, and computed again. Many:
  ///
  ///     UNROLL_FUZZ_TRIALS=1000 swift test --filter randomSteps
  @Test(arguments: [ElementType.float64, .float32]) func randomSteps(_ type: ElementType) {
    let fuzz = FuzzSettings(trials: 120)
    var programs = 0
    // In 305 a row of cotangents is read by a product, by its parts, and by arithmetic as a whole.
    for trial in 0...fuzz.trials {
      let seed = trial < fuzz.trials ? Int(fuzz.seed) + trial : 305
      let cell = Self.randomCell(seed, type)
      var generator = Generator(seed: 1000 + seed)
      let (steps, batch) = (1 + seed % 7, 1 + seed % 11)
      func draw(_ shape: Shape) -> Tensor { Tensor(NDArray.normal(shape, .float64, using: &generator).cast(to: type)) }
      let (x, state) = (draw([steps, batch, 3]), LSTMState(hidden: draw([batch, 4]), cell: draw([batch, 4])))
      let values = (0..<(steps * batch)).map { _ in generator.next() % 4 != 0 }
      let mask = seed % 3 == 0 ? Mask(values, shape: [steps, batch, 1]) : nil
      let weights = (draw([steps, batch, 4]), draw([batch, 4]), draw([batch, 4]))
      let traces = StepTraces<FreeCell>()
      func all(_ run: (Scan, FreeCell, LSTMState) -> ScanResult<LSTMState>?) -> [Tensor]? {
        let arguments = Two(first: cell, second: Two(first: x, second: state))
        var missing = false
        let (value, results, slope) = valueAndGradient(at: arguments, allowingNoPath: true) { a in
          let scan = Scan(
            input: a.second.first, mask: mask, isReversed: seed % 2 == 1, keepsStates: true,
            segment: seed % 5 == 0 ? 2 : nil)
          guard let result = run(scan, a.first, a.second.second), let states = result.states else {
            missing = true
            return (Tensor(0, type), [Tensor]())
          }
          let score =
            (result.outputs * weights.0).sum() + (result.last.hidden * weights.1).sum()
            + (result.last.cell * weights.2).sum() + (states.cell * weights.0).sum() * 0.3
          return (score, [result.outputs, states.cell] + result.last.tensors)
        }
        return missing ? nil : [value] + results + slope.tensors
      }
      guard let stepped = all({ $0.stepped($1, from: $2) }), let fused = all({ $0.fused($1, from: $2, traces) }) else {
        Issue.record("seed \(seed) has no program")
        continue
      }
      programs += 1
      let bound = type == .float64 ? 1e-12 : 2e-4
      for (index, (a, b)) in zip(stepped, fused).enumerated() {
        let size = max(1, a.array.magnitude().max().cast(to: .float64).item)
        #expect(
          a.shape == b.shape && a.array.isClose(to: b.array, relative: bound, absolute: bound * size),
          "seed \(seed), tensor \(index): \(a)\nagainst\n\(b)")
      }
    }
    #expect(programs == fuzz.trials + 1)
  }

  /// A step that cannot be a program says why, and gives what its operations give.
  @Test func otherStepsRunOneByOne() {
    func way(_ body: @escaping @Sendable (FreeCell, Tensor, Tensor, LSTMState) -> LSTMState) -> RecurrentWay {
      var generator = Generator(seed: 3)
      let layer = Recurrent(forward: [FreeCell(3, 4, blocks: 1, .float64, &generator, body)])
      let x = Tensor.normal([2, 5, 3], .float64, using: &generator)
      let (outputs, _) = layer(x)
      let scan = Scan(input: x.transposed(0, 1), mask: nil, isReversed: false)
      let stepped = scan.stepped(layer.forward[0], from: layer.initialState(batch: 2, .float64).cells[0])
      #expect(outputs.array.isClose(to: stepped.outputs.transposed(0, 1).array, relative: 1e-12, absolute: 1e-12))
      return layer.ways(for: x)[0]
    }
    #expect(way { LSTMState(hidden: ($1 + $2).tanh(), cell: $3.cell + 1) } == .fused)
    let reading = way { _, a, b, state in
      LSTMState(hidden: (a + b).sum().item > 0 ? (a + b).tanh() : (a - b).tanh(), cell: state.cell)
    }
    #expect(reading == .stepByStep(.readsNumbers))
    let comparing = way { _, a, b, state in
      LSTMState(hidden: Tensor.select(a .> b, a, b).tanh(), cell: state.cell)
    }
    #expect(comparing == .stepByStep(.readsNumbers))
    let mixing = way { _, a, b, state in
      LSTMState(hidden: (a + b - a.mean(axes: 0, keepingAxes: true)).tanh(), cell: state.cell)
    }
    #expect(mixing == .stepByStep(.operation("mean")))
    #expect("\(mixing)" == "step by step: the step uses mean, which mixes rows or has no kernel for rows")
    let seen = Guarded(0)
    let watching = way { _, a, b, state in
      LSTMState(hidden: (a + b).observingCotangent { _ in seen.withLock { $0 += 1 } }.tanh(), cell: state.cell)
    }
    #expect(watching == .stepByStep(.showsCotangents))
    #expect(seen.withLock { $0 } == 0)
    let outside: Tensor = Tensor.full([4], 0.5, .float64)
    let slope = gradient(at: outside) { outside in
      let captured = way { _, a, b, state in LSTMState(hidden: (a + b).tanh() * outside, cell: state.cell) }
      #expect(captured == .stepByStep(.capturesRecorded))
      return outside.sum()
    }
    #expect(slope.array == NDArray.ones([4], .float64))
  }

  @Test func cellsHavePrograms() {
    var g = Generator(seed: 1)
    let lstm = LSTMCell(3, 4, .float64, using: &g)
    #expect(Self.obstacle(lstm) == nil)
    #expect(Self.obstacle(LSTMCell(3, 4, bias: false, .float64, using: &g)) == nil)
    #expect(Self.obstacle(PeepholeLSTMCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(GRUCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(GRUCell(3, 4, reset: .before, .float64, using: &g)) == nil)
    for activation in [Activation.tanh, .relu, .sigmoid, .identity, .custom { $0.sin() }] {
      #expect(Self.obstacle(RNNCell(3, 4, activation: activation, .float64, using: &g)) == nil)
    }
    #expect(Self.obstacle(LayerNormLSTMCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(LayerNormLSTMCell(3, 4, memory: .normalized, .float64, using: &g)) == nil)
    #expect(Self.obstacle(GateNormLSTMCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(LayerNormGRUCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(LayerNormRNNCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(ProjectedLSTMCell(3, 4, memory: 6, .float64, using: &g)) == nil)
    #expect(Self.obstacle(CoupledLSTMCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(CoupledLSTMCell(3, 4, peepholes: true, .float64, using: &g)) == nil)
    #expect(Self.obstacle(MGUCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(MGUCell(3, 4, reset: .before, .float64, using: &g)) == nil)
    #expect(Self.obstacle(IndRNNCell(3, 4, activation: .tanh, .float64, using: &g)) == nil)
    #expect(Self.obstacle(JANETCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(LiGRUCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(AntisymmetricRNNCell(3, 4, gated: true, .float64, using: &g)) == nil)
    #expect(Self.obstacle(CoRNNCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(LEMCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(MinGRUCell(3, 4, isPositive: true, .float64, using: &g)) == nil)
    #expect(Self.obstacle(MinLSTMCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(SRUCell(3, 4, peepholes: true, .float64, using: &g)) == nil)
    #expect(Self.obstacle(QRNNCell(3, 4, window: 3, .float64, using: &g)) == nil)
    #expect(Self.obstacle(RGLRUCell(3, 4, heads: 2, .float64, using: &g)) == nil)
    #expect(Self.obstacle(LRUCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(MemoryClipped(lstm, bound: 0.3)) == nil)
    for noisy in [false, true] {
      #expect(Self.obstacle(Zoneout(lstm, hidden: 0.3, memory: 0.4), noisy: noisy) == nil)
      #expect(Self.obstacle(MemoryZoneout(lstm, hidden: 0.3, memory: 0.4), noisy: noisy) == nil)
      #expect(Self.obstacle(WeightDropped(lstm, rate: 0.4), noisy: noisy) == nil)
    }
    var other = lstm
    other.activations = GateActivations(gate: .hardSigmoid(), candidate: .softsign, output: .scaledTanh(outer: 1.7, inner: 0.6))
    #expect(Self.obstacle(other) == nil)
    other.activations = GateActivations().clippingArguments(to: 0.7)
    #expect(Self.obstacle(other) == nil)
  }
}
