import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

/// Layers that are made from sizes are stacks of cells, made one after the other from the same generator with default options.
@Suite struct FurtherLayerTests {
  private let x = Tensor.ones([2, 5, 3])

  private func check<Cell: SizedCell>(_ cell: (_ inputs: Int, _ bias: Bool, inout Generator) -> Cell) {
    for bias in [true, false] {
      var (generator, other) = (Generator(seed: 1), Generator(seed: 1))
      let layer = Recurrent<Cell>(3, 4, layers: 2, bias: bias, bidirectional: true, merge: .sum, using: &generator)
      let expected = Recurrent(3, [4, 4], bidirectional: true, merge: .sum) { inputs, _ in cell(inputs, bias, &other) }
      #expect(layer.merge == .sum && layer.isBidirectional && layer.layerCount == 2)
      #expect(layer.parameters.map(\.name) == expected.parameters.map(\.name))
      #expect(areClose(layer(x).outputs, expected(x).outputs, 0))
      #expect(generator == other)
    }
  }

  @Test func layersAreStacksOfCells() {
    check { LSTMCell($0, 4, bias: $1, using: &$2) }
    check { PeepholeLSTMCell($0, 4, bias: $1, using: &$2) }
    check { CoupledLSTMCell($0, 4, bias: $1, using: &$2) }
    check { LayerNormLSTMCell($0, 4, bias: $1, using: &$2) }
    check { GRUCell($0, 4, bias: $1, using: &$2) }
    check { LayerNormGRUCell($0, 4, bias: $1, using: &$2) }
    check { MGUCell($0, 4, bias: $1, using: &$2) }
    check { RNNCell($0, 4, bias: $1, using: &$2) }
    check { LayerNormRNNCell($0, 4, bias: $1, using: &$2) }
    check { IndRNNCell($0, 4, bias: $1, using: &$2) }
  }

  @Test func singleStepsAreACallOverTheSequence() {
    var generator = Generator(seed: 2)
    for isTimeFirst in [false, true] {
      let layer = CoupledLSTM(3, 4, layers: 2, isTimeFirst: isTimeFirst, .float64, using: &generator)
      let x = AttentionTests.random([2, 5, 3], 4)
      var state = layer.initialState(batch: 2, .float64)
      let outputs = (0..<5).map { layer.next(x[.all, $0], state: &state) }
      let whole = layer(isTimeFirst ? x.transposed(0, 1) : x)
      #expect(areClose(Tensor.stack(outputs, axis: isTimeFirst ? 0 : 1), whole.outputs))
      #expect(areClose(state.cells[1].cell, whole.state.cells[1].cell))
    }
  }
}
