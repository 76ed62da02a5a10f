import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// Cells with exponential gates, orthogonal weights and gaps in the tests of all cells.
extension RecurrentTests {
  @Test(arguments: exponentialRows + irregularRows, Property.allCases) func exponentialCellsHold(
    _ row: Row, _ property: Property
  ) {
    row.check(property)
  }

  static let exponentialRows = [
    stabilized("sLSTM") { SLSTMCell($0, $1, forgetBias: 1, .float64, using: &$2) },
    stabilized("sLSTM of two heads") {
      SLSTMCell($0, $1, heads: $1 % 2 == 0 ? 2 : 1, forget: .exponential, forgetBias: 0, .float64, using: &$2)
    },
    stabilized("mLSTM") { MLSTMCell($0, $1, forgetBias: 1, .float64, using: &$2) },
    stabilized("mLSTM of two heads") {
      MLSTMCell($0, $1, heads: $1 % 2 == 0 ? 2 : 1, forget: .exponential, forgetBias: 0, .float64, using: &$2)
    },
    row("orthogonal RNN") { Orthogonal(RNNCell($0, $1, .float64, using: &$2)) },
    row("orthogonal LSTM by Cayley's map") { Orthogonal(LSTMCell($0, $1, .float64, using: &$2), map: .cayley) },
    row("orthogonal GRU, reset before") { Orthogonal(GRUCell($0, $1, reset: .before, .float64, using: &$2)) },
  ]

  static let irregularRows = [
    row("CfC") { CfCCell($0, $1, units: [3, 2], .float64, using: &$2) },
    row("ungated CfC") { CfCCell($0, $1, form: .ungated, .float64, using: &$2) },
    row("decaying LSTM") { decaying(LSTMCell($0 - 1, $1, .float64, using: &$2), &$2) },
  ]

  static func decaying<Cell: RecurrentCell>(_ cell: Cell, _ generator: inout Generator) -> Decaying<Cell> {
    Decaying(cell, decay: Tensor.uniform([2, cell.hiddenSize], in: 0.2..<1, .float64, using: &generator))
  }

  /// Without learned states: tests draw them, and a normaliser near zero makes derivatives that no difference can follow.
  private static func stabilized<Cell: RecurrentCell>(
    _ name: String, _ make: @escaping @Sendable (Int, Int, inout Generator) -> Cell
  ) -> Row {
    Row(
      name,
      gradients: [
        Options(direction: .forward, rows: .lengths, dropout: true, interval: nil, learnsState: false, layers: 1),
        Options(direction: .reversed, rows: .mask, dropout: false, interval: 1, learnsState: false, layers: 1),
      ], make)
  }
}

extension FusedSequenceTests {
  @Test(arguments: exponentialRows, [1, 2, 5, 17]) func whatIsDoneAtOnceIsTheStepsOfExponentialCells(
    _ row: Row, _ hidden: Int
  ) {
    for seed in 1...2 { row.check(hidden, 100 * hidden + seed) }
  }

  static let exponentialRows = [
    Row("orthogonal RNN") { Orthogonal(RNNCell($0, $1, .float64, using: &$2)) },
    Row("orthogonal LSTM") { Orthogonal(LSTMCell($0, $1, .float64, using: &$2), map: .cayley) },
  ]
}

extension OptionCoverTests {
  static let exponentialCells: [[Variant]] = [
    any("orthogonal RNN") { Orthogonal(RNNCell($0, $1, .float64, using: &$2)) },
    any("orthogonal LSTM") { Orthogonal(LSTMCell($0, $1, .float64, using: &$2), map: .cayley) },
    any("CfC") { CfCCell($0, $1, units: [3], .float64, using: &$2) },
    any("decaying GRU") { RecurrentTests.decaying(GRUCell($0 - 1, $1, .float64, using: &$2), &$2) },
  ]

  static let particularCells: [[Variant]] = [
    dropped("sLSTM", "recurrentWeight") { SLSTMCell($0, $1, heads: 2, forgetBias: 1, .float64, using: &$2) },
    dropped("mLSTM", "inputWeight") { MLSTMCell($0, $1, forgetBias: 1, .float64, using: &$2) },
    any("GRU-D", inputs: 3) { IrregularTimeTests.grud($0, $1, &$2) },
  ]

  /// Without zoneout, which keeps parts of the memory, of its normaliser and of its stabiliser from the step before, each by itself: what
  /// does not belong together grows without bounds.
  private static func dropped<Cell: RecurrentCell>(
    _ name: String, _ parameter: String, _ make: @escaping @Sendable (Int, Int, inout Generator) -> Cell
  ) -> [Variant] {
    [
      Variant(name, make),
      Variant(name + " with weight-drop") { WeightDropped(make($0, $1, &$2), rate: 0.4, parameter: parameter) },
    ]
  }

  /// The factor of the cover that a cell has one level of. A learned state is drawn, and a normaliser that is drawn near zero makes
  /// derivatives that no difference can follow; a GRU-D reads an odd number of features, and the layer below gives an even one.
  static let lacking = ["sLSTM": 6, "mLSTM": 6, "GRU-D": 7]
}
