import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// Cells with options, and cells around cells: each holds to the same properties. Normalisations have a large ε, because of the two
/// features that gradients are checked with.
extension RecurrentTests {
  static let furtherRows = normalizedRows + gatedRows + modifiedRows

  private static let normalizedRows = [
    Row("layer-norm LSTM") { LayerNormLSTMCell($0, $1, epsilon: 0.2, .float64, using: &$2) },
    Row("layer-norm LSTM, memory normalised") {
      LayerNormLSTMCell($0, $1, bias: false, memory: .normalized, epsilon: 0.2, .float64, using: &$2)
    },
    Row("gate-norm LSTM") { GateNormLSTMCell($0, $1, epsilon: 0.2, .float64, using: &$2) },
    Row("layer-norm GRU") { LayerNormGRUCell($0, $1, epsilon: 0.2, .float64, using: &$2) },
    Row("layer-norm RNN") { LayerNormRNNCell($0, $1, epsilon: 0.2, .float64, using: &$2) },
  ]

  private static let gatedRows = [
    Row("projected LSTM") { ProjectedLSTMCell($0, $1, memory: $1 + 2, .float64, using: &$2) },
    Row("coupled LSTM") { CoupledLSTMCell($0, $1, .float64, using: &$2) },
    Row("coupled LSTM with peepholes") { inputs, hidden, generator in
      var cell = CoupledLSTMCell(inputs, hidden, peepholes: true, .float64, using: &generator)
      cell.peepholes = Tensor(NDArray.normal([2, hidden], .float64, using: &generator))
      return cell
    },
    Row("minimal gated unit") { MGUCell($0, $1, .float64, using: &$2) },
    Row("minimal gated unit, gate before") { MGUCell($0, $1, reset: .before, .float64, using: &$2) },
    Row("IndRNN") { IndRNNCell($0, $1, activation: .tanh, .float64, using: &$2) },
    Row("LSTM of other activations") { inputs, hidden, generator in
      var cell = LSTMCell(inputs, hidden, .float64, using: &generator)
      cell.activations = GateActivations(
        gate: .hardSigmoid(), candidate: .softsign, output: .scaledTanh(outer: 1.7, inner: 0.6))
      return cell
    },
    Row("peephole LSTM of clipped arguments") { inputs, hidden, generator in
      var cell = PeepholeLSTMCell(inputs, hidden, .float64, using: &generator)
      cell.peepholes = Tensor(NDArray.normal([3, hidden], .float64, using: &generator))
      cell.activations = GateActivations().clippingArguments(to: 0.7)
      return cell
    },
    Row("GRU of clipped arguments") { inputs, hidden, generator in
      var cell = GRUCell(inputs, hidden, .float64, using: &generator)
      cell.activations = GateActivations().clippingArguments(to: 0.7)
      return cell
    },
  ]

  private static let modifiedRows = [
    Row("LSTM of clipped memory") { MemoryClipped(LSTMCell($0, $1, .float64, using: &$2), bound: 0.3) },
    Row("LSTM with zoneout") { Zoneout(LSTMCell($0, $1, .float64, using: &$2), hidden: 0.3, memory: 0.4) },
    Row("GRU with zoneout") { Zoneout(GRUCell($0, $1, .float64, using: &$2), hidden: 0.4) },
    Row("projected LSTM with zoneout") {
      Zoneout(ProjectedLSTMCell($0, $1, memory: $1 + 2, .float64, using: &$2), hidden: 0.3, memory: 0.4)
    },
    Row("LSTM whose output reads zoned memory") {
      MemoryZoneout(LSTMCell($0, $1, .float64, using: &$2), hidden: 0.3, memory: 0.4)
    },
    Row("LSTM with weight-drop") { WeightDropped(LSTMCell($0, $1, .float64, using: &$2), rate: 0.4) },
    Row("layer-norm LSTM with everything") {
      let cell = LayerNormLSTMCell($0, $1, epsilon: 0.2, .float64, using: &$2)
      return WeightDropped(Zoneout(MemoryClipped(cell, bound: 1.3), hidden: 0.3, memory: 0.4), rate: 0.4)
    },
    Row("coupled LSTM with zoned, clipped memory and weight-drop inside") {
      let cell = WeightDropped(CoupledLSTMCell($0, $1, .float64, using: &$2), rate: 0.4)
      return MemoryZoneout(MemoryClipped(cell, bound: 0.6), hidden: 0.3, memory: 0.4)
    },
  ]
}
