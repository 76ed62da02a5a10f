import UnrollArrays
import UnrollAutograd
import UnrollNetworks

extension ParameterCheckTests {
  static let exponentialRows = [
    Row("SLSTMCell: recurrentWeight has the shape [2, 2, 4], not [2, 2, 8]", { SLSTMCell(3, 4, heads: 2, using: &$0) }) {
      $0.recurrentWeight = Tensor.ones([2, 2, 4])
    },
    Row("SLSTMCell: bias has the shape [4], not [16]", { SLSTMCell(3, 4, using: &$0) }) { $0.bias = Tensor.zeros([4]) },
    Row("MLSTMCell: gateWeight has the shape [2, 2], not [3, 2]", { MLSTMCell(3, 4, using: &$0) }) {
      $0.gateWeight = Tensor.ones([2, 2])
    },
    Row("MLSTMCell: 4 hidden features are not divided by 3 heads", { MLSTMCell(3, 4, using: &$0) }) {
      $0.gateWeight = Tensor.ones([3, 6])
    },
    Row("CfCCell: the last layer has 12 units, not 16", { CfCCell(3, 4, units: [5], using: &$0) }) {
      $0.layers[0] = Linear(weight: Tensor.ones([5, 12]), bias: nil)
    },
    Row("CfCCell: the pure form, and no other, has a rate and an amplitude", { CfCCell(3, 4, form: .pure, using: &$0) }) {
      $0.rate = nil
    },
    Row("GRUDCell: hiddenDecay has the shape [3, 4], not [4, 4]", { GRUDCell(7, 4, using: &$0) }) {
      $0.hiddenDecay = Tensor.ones([3, 4])
    },
    Row("GRUDCell: means has the shape [1], not [3]", { GRUDCell(7, 4, using: &$0) }) { $0.means = Tensor.ones([1]) },
    Row(
      "Decaying<GRUCell>: decay has the shape [4], not [2, 4]", { Decaying(GRUCell(2, 4, using: &$0)) }
    ) { $0.decay = Tensor.ones([4]) },
  ]
}
