import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

/// Where nobody asks for the gradient of the input, those of the parameters are the same.
@Suite struct ConstantInputTests {
  /// A cell whose step reads elements of x, so that it writes parts of x's cotangent itself.
  private struct GatedByInput: AffineCell {
    var inputWeight: Tensor
    var recurrentWeight: Tensor

    mutating func visit(_ visitor: Visitor) {
      visitor("inputWeight", &inputWeight)
      visitor("recurrentWeight", &recurrentWeight)
    }
    func project(_ x: Tensor) -> Tensor { Tensor.concatenate([x.matmul(inputWeight), x], axis: -1) }
    func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
      let parts = projected.chunks(2, axis: -1)
      return HiddenState(hidden: (parts[0] + recurred).tanh() * parts[1].sigmoid())
    }
  }

  @Test func gradientsOfParametersDoNotDependOnIt() {
    let cell = GatedByInput(inputWeight: Properties.draw([4, 4], seed: 1), recurrentWeight: Properties.draw([4, 4], seed: 2))
    let (layer, x) = (Recurrent(forward: [cell, cell]), Properties.draw([3, 7, 4], seed: 3))
    #expect(layer.ways(for: x) == [.fused, .fused])
    let alone = gradient(at: layer) { $0(x).outputs.square().sum() }
    let both = gradient(at: Two(first: layer, second: x)) { $0.first($0.second).outputs.square().sum() }
    Properties.isClose(alone.tensors, both.first.tensors)
  }
}
