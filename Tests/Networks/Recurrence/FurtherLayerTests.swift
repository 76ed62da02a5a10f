import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

/// The layers by name are stacks of their cells, made one after the other from the same generator.
@Suite struct FurtherLayerTests {
  private let x = Tensor.ones([2, 5, 3])

  private func check<Cell: RecurrentCell>(
    _ make: (inout Generator) -> Recurrent<Cell>, _ cell: (Int, inout Generator) -> Cell
  ) {
    var (generator, other) = (Generator(seed: 1), Generator(seed: 1))
    let layer = make(&generator)
    let expected = Recurrent(3, [4, 4], bidirectional: true, merge: .sum) { inputs, _ in cell(inputs, &other) }
    #expect(layer.merge == .sum && layer.isBidirectional && layer.layerCount == 2)
    #expect(layer.parameters.map(\.name) == expected.parameters.map(\.name))
    #expect(areClose(layer(x).outputs, expected(x).outputs, 0))
    #expect(generator == other)
  }

  @Test func layersAreStacksOfCells() {
    check({ LayerNormLSTM(3, 4, layers: 2, forgetBias: 2, memory: .normalized, bidirectional: true, merge: .sum, using: &$0) })
    {
      LayerNormLSTMCell($0, 4, forgetBias: 2, memory: .normalized, using: &$1)
    }
    check({ LayerNormGRU(3, 4, layers: 2, bias: false, bidirectional: true, merge: .sum, using: &$0) }) {
      LayerNormGRUCell($0, 4, bias: false, using: &$1)
    }
    check({ LayerNormRNN(3, 4, layers: 2, activation: .relu, epsilon: 0.1, bidirectional: true, merge: .sum, using: &$0) }) {
      LayerNormRNNCell($0, 4, activation: .relu, epsilon: 0.1, using: &$1)
    }
    check({ ProjectedLSTM(3, 4, memory: 6, layers: 2, bidirectional: true, merge: .sum, using: &$0) }) {
      ProjectedLSTMCell($0, 4, memory: 6, using: &$1)
    }
    check({ CoupledLSTM(3, 4, layers: 2, peepholes: true, bidirectional: true, merge: .sum, using: &$0) }) {
      CoupledLSTMCell($0, 4, peepholes: true, using: &$1)
    }
    check({ MGU(3, 4, layers: 2, reset: .before, bidirectional: true, merge: .sum, using: &$0) }) {
      MGUCell($0, 4, reset: .before, using: &$1)
    }
    check({ IndRNN(3, 4, layers: 2, activation: .tanh, bidirectional: true, merge: .sum, using: &$0) }) {
      IndRNNCell($0, 4, activation: .tanh, using: &$1)
    }
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
