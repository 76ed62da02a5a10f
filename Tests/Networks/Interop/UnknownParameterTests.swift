import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles

@testable import UnrollNetworks

/// A cell with a parameter that frameworks do not know keeps its own names, so that nothing is lost.
@Suite struct UnknownParameterTests {
  private struct ScaledCell: ExchangeableCell {
    var cell: LSTMCell
    var scale: Tensor
    static var blank: ScaledCell { ScaledCell(cell: .blank, scale: Tensor(1)) }
    var hiddenSize: Int { cell.hiddenSize }
    var cellWeights: CellWeights {
      get { cell.cellWeights }
      set { cell.cellWeights = newValue }
    }

    mutating func visit(_ visitor: Visitor) {
      visitor("cell", &cell)
      visitor("scale", &scale)
    }
    func project(_ x: Tensor) -> Tensor { cell.project(x) * scale }
    func recur(_ hidden: Tensor) -> Tensor { cell.recur(hidden) }
    func step(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> LSTMState {
      cell.step(projected, recurred, state)
    }
    func initialState(batch: Int, _ type: ElementType) -> LSTMState { cell.initialState(batch: batch, type) }
  }

  @Test(arguments: Framework.allCases) func nothingIsLost(_ framework: Framework) throws {
    var generator = Generator(seed: 2)
    let cell = ScaledCell(cell: LSTMCell(3, 4, using: &generator), scale: Tensor(2))
    let layer = Recurrent(forward: [cell])
    let weights = layer.weights(for: framework)
    #expect(weights["forward.0.scale"] != nil)
    #expect(weights.values.reduce(0) { $0 + $1.shape.elementCount } >= layer.parameterCount)
    var copy = layer * 0
    try copy.load(weights, from: framework)
    #expect(copy.forward[0].scale.item == 2)
    #expect(copy.forward[0].cell.inputWeight.array == cell.cell.inputWeight.array)
  }
}
