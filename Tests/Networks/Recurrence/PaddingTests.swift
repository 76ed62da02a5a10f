import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// Padding may hold anything: what is not a number reaches neither outputs nor gradients.
@Suite struct PaddingTests {
  @Test(arguments: [false, true]) func mayHoldNoNumbers(isMasked: Bool) {
    check(isMasked) { LSTM(3, 4, layers: 2, bidirectional: true, .float64, using: &$0) }
    check(isMasked) { GRU(3, 4, .float64, using: &$0) }
    check(isMasked) { RNN(3, 4, .float64, using: &$0) }
    check(isMasked) { LayerNormLSTM(3, 4, using: &$0).cast(to: .float64) }
    check(isMasked) {
      var lstm = LSTM(3, 4, .float64, using: &$0)
      lstm.checkpointInterval = 2
      return lstm
    }
  }

  private func check<Cell: RecurrentCell>(_ isMasked: Bool, _ make: (inout Generator) -> Recurrent<Cell>) {
    var generator = Generator(seed: 1)
    let network = make(&generator)
    let taken = Mask([true, true, true, true, true, true, true, false, false, false], shape: [2, 5])
    let clean = Tensor.normal([2, 5, 3], .float64, using: &generator)
    let spoiled = Tensor.select(taken.reshaped([2, 5, 1]), clean, Tensor(.nan, .float64))
    func slope(_ x: Tensor) -> (Tensor, Recurrent<Cell>) {
      valueAndGradient(at: network) { network in
        let run = isMasked ? network(x, mask: taken) : network(x, lengths: [5, 2])
        return run.outputs.square().sum() + run.state.cells[0].tensors[0].sum()
      }
    }
    let (expected, found) = (slope(clean), slope(spoiled))
    #expect(found.0.array == expected.0.array)
    for (a, b) in zip(found.1.tensors, expected.1.tensors) { #expect(a.array == b.array, "\(Cell.self)") }
    func slopeByInput(_ x: Tensor) -> Tensor { gradient(at: x) { network($0, lengths: [5, 2]).outputs.square().sum() } }
    #expect(slopeByInput(spoiled).array == slopeByInput(clean).array)
  }
}
