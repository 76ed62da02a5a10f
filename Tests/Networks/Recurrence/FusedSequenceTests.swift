import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

/// Every cell at sizes that fill vectors, fill none, and leave rests, for any few rows, steps and options: what the cell does at once is
/// what its step does one after the other, in both types and, as the machine is told, with every table of kernels.
@Suite struct FusedSequenceTests {
  /// A cell of any size, in float64.
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let check: @Sendable (_ hidden: Int, _ seed: Int) -> Void

    init<Cell: RecurrentCell>(_ name: String, _ make: @escaping @Sendable (Int, Int, inout Generator) -> Cell) {
      testDescription = name
      check = { hidden, seed in SequenceCase(hidden: hidden, seed: seed).check(make) }
    }
  }

  @Test(arguments: rows, [1, 2, 5, 16, 17, 33]) func whatIsDoneAtOnceIsTheSteps(_ row: Row, _ hidden: Int) {
    for seed in 1...2 { row.check(hidden, 100 * hidden + seed) }
  }

  /// All cells of the library, and what stands around them.
  static let rows = commonRows + furtherRows

  private static let commonRows = [
    Row("LSTM") { LSTMCell($0, $1, .float64, using: &$2) },
    Row("LSTM without bias") { LSTMCell($0, $1, bias: false, .float64, using: &$2) },
    Row("peephole LSTM") { inputs, hidden, generator in
      var cell = PeepholeLSTMCell(inputs, hidden, .float64, using: &generator)
      cell.peepholes = Tensor.normal([3, hidden], .float64, using: &generator)
      return cell
    },
    Row("layer-norm LSTM") { LayerNormLSTMCell($0, $1, epsilon: 0.2, .float64, using: &$2) },
    Row("GRU") { inputs, hidden, generator in
      var cell = GRUCell(inputs, hidden, .float64, using: &generator)
      cell.candidateBias = Tensor.normal([hidden], .float64, using: &generator)
      return cell
    },
    Row("GRU without bias") { GRUCell($0, $1, bias: false, .float64, using: &$2) },
    Row("RNN") { RNNCell($0, $1, .float64, using: &$2) },
    Row("RNN of sigmoids") { RNNCell($0, $1, activation: .sigmoid, .float64, using: &$2) },
    Row("RNN of rectifiers") { RNNCell($0, $1, activation: .relu, .float64, using: &$2) },
    Row("linear RNN") { RNNCell($0, $1, bias: false, activation: .identity, .float64, using: &$2) },
    Row("LSTM with zoneout") { Zoneout(LSTMCell($0, $1, .float64, using: &$2), hidden: 0.2, memory: 0.4) },
    Row("layer-norm LSTM with zoneout") {
      Zoneout(LayerNormLSTMCell($0, $1, epsilon: 0.2, .float64, using: &$2), hidden: 0.2, memory: 0.4)
    },
    Row("GRU with zoneout") { Zoneout(GRUCell($0, $1, .float64, using: &$2), hidden: 0.3) },
    Row("LSTM with weight-drop") { WeightDropped(LSTMCell($0, $1, .float64, using: &$2), rate: 0.3) },
  ]

  private static let furtherRows = [
    Row("GRU, reset before") { GRUCell($0, $1, reset: .before, .float64, using: &$2) },
    Row("projected LSTM") { ProjectedLSTMCell($0, $1, memory: $1 + 3, .float64, using: &$2) },
    Row("coupled LSTM") { inputs, hidden, generator in
      var cell = CoupledLSTMCell(inputs, hidden, peepholes: true, .float64, using: &generator)
      cell.peepholes = Tensor.normal([2, hidden], .float64, using: &generator)
      return cell
    },
    Row("gate-norm LSTM") { GateNormLSTMCell($0, $1, epsilon: 0.2, .float64, using: &$2) },
    Row("layer-norm LSTM, memory normalised") {
      LayerNormLSTMCell($0, $1, memory: .normalized, epsilon: 0.2, .float64, using: &$2)
    },
    Row("layer-norm GRU") { LayerNormGRUCell($0, $1, epsilon: 0.2, .float64, using: &$2) },
    Row("layer-norm RNN") { LayerNormRNNCell($0, $1, epsilon: 0.2, .float64, using: &$2) },
    Row("minimal gated unit") { MGUCell($0, $1, .float64, using: &$2) },
    Row("IndRNN") { IndRNNCell($0, $1, activation: .tanh, .float64, using: &$2) },
    Row("LSTM of other activations") { inputs, hidden, generator in
      var cell = LSTMCell(inputs, hidden, .float64, using: &generator)
      cell.activations = GateActivations(gate: .softplus, candidate: .softsign, output: .sigmoid)
      return cell
    },
  ]
}

/// A sequence with options that a seed draws.
struct SequenceCase: CustomStringConvertible {
  let (hidden, seed): (Int, Int)
  let (batch, steps, inputs): (Int, Int, Int)
  let isReversed: Bool
  let interval: Int?
  let mask: Mask?
  let isTraining: Bool

  init(hidden: Int, seed: Int) {
    var generator = Generator(seed: seed)
    func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    let (batch, steps) = (draw(1...9), draw(1...7))
    (self.hidden, self.seed) = (hidden, seed)
    (self.batch, self.steps, inputs) = (batch, steps, draw(1...6))
    isReversed = draw(0...1) == 1
    interval = [nil, nil, 1, 3][draw(0...3)]
    isTraining = draw(0...1) == 1
    let lengths = (0..<batch).map { _ in draw(1...steps) }
    switch draw(0...2) {
    case 0: mask = nil
    case 1: mask = Mask(lengths.flatMap { n in (0..<steps).map { $0 < n } }, shape: [batch, steps])
    default: mask = Mask((0..<(batch * steps)).map { _ in draw(0...3) > 0 }, shape: [batch, steps])
    }
  }

  var description: String {
    "seed \(seed): hidden \(hidden), \(batch) rows, \(steps) steps, \(inputs) inputs, reversed \(isReversed), "
      + "interval \(interval ?? 0), mask \(mask.map { "\($0.values)" } ?? "none"), training \(isTraining)"
  }

  /// In float64 to a few roundings, in float32 against the steps in float64 with the same numbers.
  func check<Cell: RecurrentCell>(_ make: (Int, Int, inout Generator) -> Cell) {
    var generator = Generator(seed: seed)
    var layer = Recurrent(inputs, hidden) { make($0, $1, &generator) }
    (layer.isReversed, layer.checkpointInterval) = (isReversed, interval)
    let x = Tensor.normal([batch, steps, inputs], .float64, using: &generator).cast(to: .float32)
    let single = layer.cast(to: .float32)
    let state = layer.initialState(batch: batch).mappingTensors {
      Tensor.normal($0.shape, .float32, using: &generator)
    }
    let (double, doubleX) = (single.cast(to: .float64), x.cast(to: .float64))
    let doubleState = state.mappingTensors { $0.cast(to: .float64) }
    let exact = results(Recurrent(slow: double), doubleX, .init(cells: doubleState.cells))
    Properties.expectNear(results(double, doubleX, doubleState), exact, 0x1p-44, description)
    Properties.expectNear(results(single, x, state), exact, 0x1p-17, description)
  }

  /// Outputs, the last state, and the gradients of a score of both by parameters, input and initial state.
  private func results<Cell: RecurrentCell>(_ layer: Recurrent<Cell>, _ x: Tensor, _ state: Recurrent<Cell>.State) -> [Tensor] {
    let start = Two(first: layer, second: Two(first: x, second: state))
    let (_, found, slope) = valueAndGradient(at: start) { a in
      // Draws are the same in both types.
      var draws = Generator(seed: seed + 1)
      let (layer, x, state) = (a.first, a.second.first, a.second.second)
      let (outputs, last) =
        isTraining ? layer(x, from: state, mask: mask, using: &draws) : layer(x, from: state, mask: mask)
      let tensors = [outputs] + last.tensors
      let parts = tensors.enumerated().map { i, tensor in
        (tensor * Properties.draw(tensor.shape, seed: seed + i).cast(to: tensor.type)).sum()
      }
      return (parts.dropFirst().reduce(parts[0]) { $0 + $1 }, tensors)
    }
    return found + slope.tensors
  }
}

extension Properties {
  /// Within a share of the largest number of each tensor; where all of a tensor is small, of a fiftieth of the largest of all.
  static func expectNear(
    _ found: [Tensor], _ expected: [Tensor], _ bound: Double, _ comment: @autoclosure () -> String,
    _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(found.count == expected.count, sourceLocation: location)
    let sizes = expected.map { $0.array.magnitude().max().item }
    let least = 0.02 * (sizes.max() ?? 0)
    for (i, (found, expected)) in zip(found, expected).enumerated() {
      let error = (found.array.cast(to: .float64) - expected.array).magnitude().max().item
      #expect(
        found.shape == expected.shape && error <= bound * max(sizes[i], least),
        "result \(i) in \(found.type) is off by \(error) of \(sizes[i]); \(comment())", sourceLocation: location)
    }
  }
}
