import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

@testable import UnrollNetworks

/// What modifiers of cells do beside the properties of every cell.
@Suite struct ModifiedCellTests {
  private static func lstm(_ hidden: Int = 4) -> LSTM {
    var generator = Generator(seed: 3)
    return LSTM(3, hidden, .float64, using: &generator)
  }

  private let x = Properties.draw([2, 5, 3])

  @Test func namesStay() {
    let plain = ModifiedCellTests.lstm()
    let modified = plain.modifyingCells {
      WeightDropped(Zoneout(MemoryClipped($0, bound: 1), hidden: 0.1, memory: 0.2), rate: 0.3)
    }
    #expect(modified.parameters.map(\.name) == plain.parameters.map(\.name))
    #expect(ModifiedCellTests.lstm().modifyingCells { $0 }(x).outputs.array == plain(x).outputs.array)
  }

  @Test func optionsStay() {
    var layer = Recurrent<LSTMCell>(
      forward: ModifiedCellTests.lstm().forward, backward: ModifiedCellTests.lstm().forward, merge: .average,
      isTimeFirst: true
    ).learningInitialState()
    (layer.dropout, layer.recurrentDropout, layer.checkpointInterval) = (0.1, 0.2, 3)
    let other = layer.modifyingCells { MemoryClipped($0, bound: 1) }
    #expect(other.dropout == 0.1 && other.recurrentDropout == 0.2 && other.checkpointInterval == 3 && other.isTimeFirst)
    #expect(other.initial.count == 4 && other.backward.count == 1)
    if case .average = other.merge {} else { Issue.record("another merge") }
  }

  /// Without training, dropped weights are whole weights; in training they are one draw of masked weights for all steps and rows.
  @Test func weightDropIsOneMask() {
    let plain = ModifiedCellTests.lstm()
    let dropped = plain.modifyingCells { WeightDropped($0, rate: 0.5) }
    #expect(dropped(x).outputs.array == plain(x).outputs.array)
    var (generator, same) = (Generator(seed: 9), Generator(seed: 9))
    let found = dropped(x, using: &generator)
    var masked = plain
    let factors = Dropout(0.5).mask([4, 16], .float64, using: &same)
    masked.forward[0].recurrentWeight = plain.forward[0].recurrentWeight * factors
    #expect(found.outputs.array == masked(x).outputs.array)
    let slope = gradient(at: dropped) { layer in
      var generator = Generator(seed: 9)
      return layer(x, using: &generator).outputs.square().sum()
    }
    let weights = slope.forward[0].cell.recurrentWeight
    let dead = (factors .== 0).cast(to: .float64)
    #expect((weights * dead).square().sum().item == 0 && weights.square().sum().item > 0)
    #expect(dropped(x, using: &generator).outputs.array != found.outputs.array)
  }

  /// A number stays where its draw says so, at rates of 1 everything stays, and at rates of 0 nothing.
  @Test func zoneoutKeeps() {
    let plain = ModifiedCellTests.lstm()
    var generator = Generator(seed: 4)
    let state = LSTM.State(cells: [LSTMState(hidden: Properties.draw([2, 4]), cell: Properties.draw([2, 4], seed: 2))])
    let still = plain.modifyingCells { Zoneout($0, hidden: 1, memory: 1) }
    let kept = still(x, from: .init(cells: state.cells), using: &generator).state
    Properties.isClose(kept.tensors, state.tensors)
    Properties.isClose(still(x, from: .init(cells: state.cells)).state.tensors, state.tensors)
    let never = plain.modifyingCells { Zoneout($0, hidden: 0, memory: 0) }
    #expect(never(x, using: &generator).outputs.array.isClose(to: plain(x).outputs.array, relative: 1e-12, absolute: 1e-14))
    let path = plain.modifyingCells { Zoneout($0, hidden: 0.5) }(x, using: &generator).outputs
    let repeats = (path[.all, 1...] - path[.all, ..<4]).array .== NDArray(0, .float64)
    #expect((5..<28).contains(repeats.values.count { $0 }), "of 32 numbers about half stay")
  }

  /// Draws are made anew for every step, in the mean at the rate.
  @Test func zoneoutRates() {
    var generator = Generator(seed: 4)
    let cell = Zoneout(ModifiedCellTests.lstm(20).forward[0], hidden: 0.2, memory: 0.6)
    let noise = cell.noise(steps: 50, batch: 10, .float32, using: &generator)
    #expect(noise.map(\.shape) == [[50, 10, 20], [50, 10, 20]])
    #expect(abs(noise[0].mean().item - 0.2) < 0.02 && abs(noise[1].mean().item - 0.6) < 0.02)
    #expect(noise[0][0].array != noise[0][1].array)
  }

  @Test func memoryStaysWithinItsBound() {
    let layer = ModifiedCellTests.lstm().modifyingCells { MemoryClipped($0, bound: 0.1) }
    let memory = layer.trajectory(x * 10).states.cells[0].cell.array
    #expect(memory.magnitude().max().item == 0.1)
    #expect(layer(x * 10).outputs.array.magnitude().max().item < 0.1)
  }

  /// Functions of the gates are whatever somebody sets.
  @Test func activationsAreVariables() {
    var cell = ModifiedCellTests.lstm().forward[0]
    cell.activations.output = .identity
    let x = Properties.draw([1, 3])
    let next = cell(x, from: cell.initialState(batch: 1, .float64))
    let a = (cell.project(x)).chunks(4, axis: -1)
    Properties.isClose([next.hidden], [a[3].sigmoid() * (a[0].sigmoid() * a[2].tanh())])
  }

  /// Cells within cells run as one program, in training too.
  @Test func modifiedCellsAreFused() {
    var generator = Generator(seed: 3)
    func isFused<Cell: RecurrentCell>(_ cell: Cell) -> Bool {
      let noise = cell.noise(steps: 5, batch: 2, .float64, using: &generator).map { Shape($0.shape.dropFirst()) }
      return [[], noise].allSatisfy { draws in
        let state = cell.initialState(batch: 2, .float64)
        if case .success = StepTraces<Cell>().step(cell, input: [2, 3], state: state, draws: draws, factors: [2, 4], .float64) {
          return true
        }
        return false
      }
    }
    let lstm = LSTMCell(3, 4, .float64, using: &generator)
    let normal = LayerNormLSTMCell(3, 4, memory: .normalized, .float64, using: &generator)
    #expect(isFused(normal) && isFused(Zoneout(normal, hidden: 0.1, memory: 0.2)))
    #expect(isFused(Zoneout(WeightDropped(lstm, rate: 0.5), hidden: 0, memory: 0.1)))
    #expect(isFused(Zoneout(GRUCell(3, 4, reset: .before, .float64, using: &generator), hidden: 0.1)))
    #expect(isFused(Zoneout(RNNCell(3, 4, .float64, using: &generator), hidden: 0.1)))
    #expect(isFused(Zoneout(PeepholeLSTMCell(3, 4, .float64, using: &generator), hidden: 0.1)))
    #expect(isFused(MemoryZoneout(MemoryClipped(lstm, bound: 1), hidden: 0.1, memory: 0.2)))
  }

  /// Every name of ONNX, at numbers on both sides of every bend.
  @Test func activationsByName() throws {
    let x = Tensor([-3.0, -0.5, 0.25, 2])
    func values(_ name: String, _ alpha: Double? = nil, _ beta: Double? = nil) throws -> Tensor {
      try Activation(onnx: name, alpha: alpha, beta: beta)(x)
    }
    Properties.isClose([try values("Relu")], [Tensor([0.0, 0, 0.25, 2])])
    Properties.isClose([try values("tanh")], [x.tanh()])
    Properties.isClose([try values("SIGMOID")], [x.sigmoid()])
    Properties.isClose([try values("Affine", 2, 1)], [Tensor([-5.0, 0, 1.5, 5])])
    Properties.isClose([try values("LeakyRelu")], [Tensor([-0.03, -0.005, 0.25, 2])])
    Properties.isClose([try values("ThresholdedRelu", 0.25)], [Tensor([0.0, 0, 0.25, 2])])
    Properties.isClose([try values("ScaledTanh", 2, 3)], [(x * 3).tanh() * 2])
    Properties.isClose([try values("HardSigmoid")], [Tensor([0.0, 0.4, 0.55, 0.9])])
    Properties.isClose([try values("Elu", 2)], [Tensor([2 * (-3.0).expm1, 2 * (-0.5).expm1, 0.25, 2])])
    Properties.isClose([try values("Softsign")], [Tensor([-0.75, -1 / 3.0, 0.2, 2 / 3.0])])
    Properties.isClose([try values("Softplus")], [(x.exp() + 1).log()])
    #expect(throws: UnknownActivation(name: "Swoosh")) { try values("Swoosh") }
    #expect("\(UnknownActivation(name: "Swoosh"))".hasPrefix("Activation: Swoosh is none of Relu, Tanh"))
    let clipped = Activation.identity.clippingArguments(to: 1)(x)
    Properties.isClose([clipped], [Tensor([-1.0, -0.5, 0.25, 1])])
  }
}

extension Double {
  fileprivate var expm1: Double { Tensor([self]).exp()[0].item - 1 }
}
