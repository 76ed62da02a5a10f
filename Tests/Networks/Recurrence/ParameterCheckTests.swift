import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

@testable import UnrollNetworks

/// Parameters are variables: one of a shape or a type that a step cannot read stops every way through the cell, in one sentence.
@Suite struct ParameterCheckTests {
  /// A cell of three inputs and four features, which fits in with what it was made of, and then does not.
  struct Row: Sendable {
    let sentence: String
    let run: @Sendable (Way) -> Void

    init<Cell: RecurrentCell>(
      _ sentence: String, _ make: @escaping @Sendable (inout Generator) -> Cell,
      _ spoil: @escaping @Sendable (inout Cell) -> Void
    ) {
      self.sentence = sentence
      run = { way in
        var generator = Generator(seed: 1)
        var layer = Recurrent(forward: [make(&generator)])
        let state = layer.initialState(batch: 2)
        spoil(&layer.forward[0])
        let (x, cell) = (Tensor.ones([2, 5, 3]), layer.forward[0])
        switch way {
        case .sequence: _ = layer(x)
        case .fromState: _ = layer(x, from: state)
        case .training: _ = layer(x, using: &generator)
        case .trajectory: _ = layer.trajectory(x[0])
        case .step: _ = cell(x[.all, 0], from: state.cells[0])
        case .prepared: _ = layer.prepared()
        case .network: _ = Recurrent(forward: [cell])
        case .modified:
          let around = layer.forward.map { WeightDropped(Zoneout($0, hidden: 0.2), rate: 0) }
          _ = around[0](x[.all, 0], from: state.cells[0])
        }
      }
    }
  }

  /// Where a cell's parameters meet numbers, or are to meet them.
  enum Way: CaseIterable { case sequence, fromState, training, trajectory, step, prepared, network, modified }

  static let spoiledLSTM = Row("LSTMCell: bias has the shape [1], not [16]", { LSTMCell(3, 4, using: &$0) }) {
    $0.bias = Tensor.zeros([1])
  }

  /// Whatever the way, the parameters are compared before anything else happens.
  @Test(arguments: Way.allCases.indices) func everyWayCompares(_ way: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [way] in
      ParameterCheckTests.spoiledLSTM.run(Way.allCases[way])
    }
    #expect(stopSentence(result) == ParameterCheckTests.spoiledLSTM.sentence)
  }

  @Test(arguments: rows.indices) func everyParameterIsCompared(_ index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      ParameterCheckTests.rows[index].run(.sequence)
    }
    #expect(stopSentence(result) == ParameterCheckTests.rows[index].sentence)
  }

  /// The spoiled cells, but for that, are sound: each runs every way.
  @Test func soundCellsRun() {
    for way in Way.allCases {
      Row("", { LSTMCell(3, 4, using: &$0) }) { _ in }.run(way)
      Row("", { LayerNormLSTMCell(3, 4, using: &$0) }) { _ in }.run(way)
      Row("", { MGUCell(3, 4, reset: .before, using: &$0) }) { _ in }.run(way)
    }
  }

  /// A cell of one's own says nothing, and runs.
  @Test func cellsThatSayNothingRun() { Row("", { _ in SilentCell() }) { _ in }.run(.sequence) }

  private struct SilentCell: RecurrentCell {
    var weight = Tensor.ones([3, 4])
    var hiddenSize: Int { 4 }
    mutating func visit(_ visitor: Visitor) { visitor("weight", &weight) }
    func project(_ x: Tensor) -> Tensor { x.matmul(weight) }
    func recur(_ hidden: Tensor) -> Tensor { hidden }
    func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
      HiddenState(hidden: (projected + recurred).tanh())
    }
    func initialState(batch: Int, _ type: ElementType) -> HiddenState { HiddenState(hidden: Tensor.zeros([batch, 4], type)) }
  }
}

extension ParameterCheckTests {
  static let rows: [Row] =
    plainRows + memoryRows + normalizedRows + hiddenRows + oscillatingRows + linearRows
    + exponentialRows

  private static let plainRows = [
    Row("LSTMCell: recurrentWeight has the shape [16, 4], not [hidden, 4·hidden]", { LSTMCell(3, 4, using: &$0) }) {
      $0.recurrentWeight = $0.recurrentWeight.transposed()
    },
    Row("LSTMCell: recurrentWeight has the shape [], not [hidden, 4·hidden]", { LSTMCell(3, 4, using: &$0) }) {
      $0.recurrentWeight = Tensor(0)
    },
    Row("LSTMCell: inputWeight has the shape [3, 12], not [inputs, 16]", { LSTMCell(3, 4, using: &$0) }) {
      $0.inputWeight = Tensor.ones([3, 12])
    },
    Row("LSTMCell: bias is float64 and recurrentWeight is float32; cast one of them", { LSTMCell(3, 4, using: &$0) }) {
      $0.bias = Tensor.zeros([16], .float64)
    },
    Row("GRUCell: candidateBias has the shape [12], not [4]", { GRUCell(3, 4, using: &$0) }) {
      $0.candidateBias = Tensor.zeros([12])
    },
    Row("GRUCell: bias has the shape [16], not [12]", { GRUCell(3, 4, using: &$0) }) { $0.bias = Tensor.zeros([16]) },
    Row("GRUCell: a candidateBias needs the reset gate after the product", { GRUCell(3, 4, using: &$0) }) {
      $0.reset = .before
    },
    Row("RNNCell: recurrentWeight has the shape [4, 5], not [hidden, hidden]", { RNNCell(3, 4, using: &$0) }) {
      $0.recurrentWeight = Tensor.ones([4, 5])
    },
    Row("RNNCell: bias has the shape [1, 4], not [4]", { RNNCell(3, 4, using: &$0) }) { $0.bias = Tensor.zeros([1, 4]) },
  ]

  private static let projected: @Sendable (inout Generator) -> ProjectedLSTMCell = {
    ProjectedLSTMCell(3, 4, memory: 8, using: &$0)
  }

  private static let memoryRows = [
    Row("PeepholeLSTMCell: peepholes has the shape [4], not [3, 4]", { PeepholeLSTMCell(3, 4, using: &$0) }) {
      $0.peepholes = Tensor.zeros([4])
    },
    Row("PeepholeLSTMCell: bias has the shape [4], not [16]", { PeepholeLSTMCell(3, 4, using: &$0) }) {
      $0.bias = Tensor.zeros([4])
    },
    Row("CoupledLSTMCell: peepholes has the shape [2, 1], not [2, 4]", { CoupledLSTMCell(3, 4, using: &$0) }) {
      $0.peepholes = Tensor.zeros([2, 1])
    },
    Row("CoupledLSTMCell: bias has the shape [1], not [12]", { CoupledLSTMCell(3, 4, using: &$0) }) {
      $0.bias = Tensor.zeros([1])
    },
    Row("ProjectedLSTMCell: projection has the shape [8], not [memory, hidden]", projected) {
      $0.projection = Tensor.ones([8])
    },
    Row("ProjectedLSTMCell: recurrentWeight has the shape [1, 32], not [4, 32]", projected) {
      $0.recurrentWeight = Tensor.ones([1, 32])
    },
    Row("ProjectedLSTMCell: bias has the shape [1], not [32]", projected) {
      $0.bias = Tensor.zeros([1])
    },
  ]

  private static let normalizedRows = [
    Row("LayerNormLSTMCell: inputNorm.scale has the shape [1], not [16]", { LayerNormLSTMCell(3, 4, using: &$0) }) {
      $0.inputNorm.scale = Tensor.ones([1])
    },
    Row("LayerNormLSTMCell: recurrentNorm normalises 4 features, not 16", { LayerNormLSTMCell(3, 4, using: &$0) }) {
      $0.recurrentNorm = LayerNorm(4)
    },
    Row(
      "LayerNormLSTMCell: memoryNorm.scale is float64 and recurrentWeight is float32; cast one of them",
      { LayerNormLSTMCell(3, 4, using: &$0) }
    ) { $0.memoryNorm = LayerNorm(4, .float64) },
    Row("GateNormLSTMCell: gateScale has the shape [4, 1], not [4, 4]", { GateNormLSTMCell(3, 4, using: &$0) }) {
      $0.gateScale = Tensor.ones([4, 1])
    },
    Row("GateNormLSTMCell: gateShift has the shape [4], not [4, 4]", { GateNormLSTMCell(3, 4, using: &$0) }) {
      $0.gateShift = Tensor.ones([4])
    },
    Row("GateNormLSTMCell: memoryNorm normalises 16 features, not 4", { GateNormLSTMCell(3, 4, using: &$0) }) {
      $0.memoryNorm = LayerNorm(16)
    },
    Row("LayerNormGRUCell: candidateBias has the shape [1], not [4]", { LayerNormGRUCell(3, 4, using: &$0) }) {
      $0.candidateBias = Tensor.zeros([1])
    },
    Row("LayerNormGRUCell: inputNorm.shift has the shape [1], not [12]", { LayerNormGRUCell(3, 4, using: &$0) }) {
      $0.inputNorm.shift = Tensor.zeros([1])
    },
    Row("LayerNormRNNCell: bias has the shape [1], not [4]", { LayerNormRNNCell(3, 4, using: &$0) }) {
      $0.bias = Tensor.zeros([1])
    },
    Row("LayerNormRNNCell: recurrentNorm normalises 1 features, not 4", { LayerNormRNNCell(3, 4, using: &$0) }) {
      $0.recurrentNorm = LayerNorm(1)
    },
  ]

  private static let hiddenRows = [
    Row("MGUCell: candidateBias has the shape [1], not [4]", { MGUCell(3, 4, using: &$0) }) {
      $0.candidateBias = Tensor.zeros([1])
    },
    Row("MGUCell: bias has the shape [1], not [8]", { MGUCell(3, 4, reset: .before, using: &$0) }) {
      $0.bias = Tensor.zeros([1])
    },
    Row("MGUCell: a candidateBias needs the gate after the product", { MGUCell(3, 4, using: &$0) }) {
      $0.reset = .before
    },
    Row("IndRNNCell: recurrentWeight has the shape [4, 1], not [hidden]", { IndRNNCell(3, 4, using: &$0) }) {
      $0.recurrentWeight = Tensor.ones([4, 1])
    },
    Row("IndRNNCell: inputWeight has the shape [3, 4], not [inputs, 1]", { IndRNNCell(3, 4, using: &$0) }) {
      $0.recurrentWeight = Tensor.ones([1])
    },
    Row("IndRNNCell: bias has the shape [1], not [4]", { IndRNNCell(3, 4, using: &$0) }) { $0.bias = Tensor.zeros([1]) },
  ]
}
