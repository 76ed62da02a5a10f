import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// Cells with options, and cells around cells: each holds to the same properties. Normalisations have a large ε, because of the two
/// features that gradients are checked with.
extension RecurrentTests {
  static let furtherRows = normalizedRows + gatedRows + modifiedRows

  @Test(arguments: furtherRows, Property.allCases) func furtherCellsHold(_ row: Row, _ property: Property) {
    row.check(property)
  }

  /// Gradients with two sets of options: these cells have no ways of their own, so that the others differ in nothing but `Recurrent`.
  static func row<Cell: RecurrentCell>(
    _ name: String, _ make: @escaping @Sendable (Int, Int, inout Generator) -> Cell
  ) -> Row {
    Row(
      name,
      gradients: [
        Options(direction: .forward, rows: .lengths, dropout: true, interval: nil, learnsState: false, layers: 1),
        Options(direction: .reversed, rows: .mask, dropout: false, interval: 1, learnsState: true, layers: 1),
      ], make)
  }

  private static let normalizedRows = [
    row("layer-norm LSTM") { LayerNormLSTMCell($0, $1, epsilon: 0.2, .float64, using: &$2) },
    row("layer-norm LSTM, memory normalised") {
      LayerNormLSTMCell($0, $1, bias: false, memory: .normalized, epsilon: 0.2, .float64, using: &$2)
    },
    row("gate-norm LSTM") { GateNormLSTMCell($0, $1, epsilon: 0.2, .float64, using: &$2) },
    row("layer-norm GRU") { LayerNormGRUCell($0, $1, epsilon: 0.2, .float64, using: &$2) },
    row("layer-norm RNN") { LayerNormRNNCell($0, $1, epsilon: 0.2, .float64, using: &$2) },
  ]

  private static let gatedRows = [
    row("projected LSTM") { ProjectedLSTMCell($0, $1, memory: $1 + 2, .float64, using: &$2) },
    row("coupled LSTM") { CoupledLSTMCell($0, $1, .float64, using: &$2) },
    row("coupled LSTM with peepholes") { inputs, hidden, generator in
      var cell = CoupledLSTMCell(inputs, hidden, peepholes: true, .float64, using: &generator)
      cell.peepholes = Tensor.normal([2, hidden], .float64, using: &generator)
      return cell
    },
    row("minimal gated unit") { MGUCell($0, $1, .float64, using: &$2) },
    row("minimal gated unit, gate before") { MGUCell($0, $1, reset: .before, .float64, using: &$2) },
    row("IndRNN") { IndRNNCell($0, $1, activation: .tanh, .float64, using: &$2) },
    row("LSTM of other activations") { inputs, hidden, generator in
      var cell = LSTMCell(inputs, hidden, .float64, using: &generator)
      cell.activations = GateActivations(
        gate: .hardSigmoid(), candidate: .softsign, output: .scaledTanh(outer: 1.7, inner: 0.6))
      return cell
    },
    row("peephole LSTM of clipped arguments") { inputs, hidden, generator in
      var cell = PeepholeLSTMCell(inputs, hidden, .float64, using: &generator)
      cell.peepholes = Tensor.normal([3, hidden], .float64, using: &generator)
      cell.activations = GateActivations().clippingArguments(to: 0.7)
      return cell
    },
    row("GRU of clipped arguments") { inputs, hidden, generator in
      var cell = GRUCell(inputs, hidden, .float64, using: &generator)
      cell.activations = GateActivations().clippingArguments(to: 0.7)
      return cell
    },
  ]

  private static let modifiedRows = [
    row("LSTM of clipped memory") { MemoryClipped(LSTMCell($0, $1, .float64, using: &$2), bound: 0.3) },
    row("LSTM with zoneout") { Zoneout(LSTMCell($0, $1, .float64, using: &$2), hidden: 0.3, memory: 0.4) },
    row("GRU with zoneout") { Zoneout(GRUCell($0, $1, .float64, using: &$2), hidden: 0.4) },
    row("projected LSTM with zoneout") {
      Zoneout(ProjectedLSTMCell($0, $1, memory: $1 + 2, .float64, using: &$2), hidden: 0.3, memory: 0.4)
    },
    row("LSTM whose output reads zoned memory") {
      MemoryZoneout(LSTMCell($0, $1, .float64, using: &$2), hidden: 0.3, memory: 0.4)
    },
    row("LSTM with weight-drop") { WeightDropped(LSTMCell($0, $1, .float64, using: &$2), rate: 0.4) },
    row("layer-norm LSTM with everything") {
      let cell = LayerNormLSTMCell($0, $1, epsilon: 0.2, .float64, using: &$2)
      return WeightDropped(Zoneout(MemoryClipped(cell, bound: 1.3), hidden: 0.3, memory: 0.4), rate: 0.4)
    },
    row("coupled LSTM with zoned, clipped memory and weight-drop inside") {
      let cell = WeightDropped(CoupledLSTMCell($0, $1, .float64, using: &$2), rate: 0.4)
      return MemoryZoneout(MemoryClipped(cell, bound: 0.6), hidden: 0.3, memory: 0.4)
    },
  ]
}
