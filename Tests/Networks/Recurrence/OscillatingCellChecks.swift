import UnrollArrays
import UnrollAutograd
import UnrollNetworks

extension ParameterCheckTests {
  static let oscillatingRows = [
    Row("JANETCell: bias has the shape [4], not [8]", { JANETCell(3, 4, using: &$0) }) { $0.bias = Tensor.zeros([4]) },
    Row("LiGRUCell: inputWeight has the shape [3, 4], not [inputs, 8]", { LiGRUCell(3, 4, using: &$0) }) {
      $0.inputWeight = Tensor.ones([3, 4])
    },
    Row(
      "AntisymmetricRNNCell: inputWeight has the shape [3, 5], not [inputs, 4]",
      { AntisymmetricRNNCell(3, 4, using: &$0) }
    ) { $0.inputWeight = Tensor.ones([3, 5]) },
    Row("AntisymmetricRNNCell: bias has the shape [4], not [8]", { AntisymmetricRNNCell(3, 4, gated: true, using: &$0) }) {
      $0.bias = Tensor.zeros([4])
    },
    Row("CoRNNCell: velocityWeight has the shape [4], not [4, 4]", { CoRNNCell(3, 4, using: &$0) }) {
      $0.velocityWeight = Tensor.ones([4])
    },
    Row("LEMCell: memoryWeight has the shape [4, 12], not [4, 4]", { LEMCell(3, 4, using: &$0) }) {
      $0.memoryWeight = Tensor.ones([4, 12])
    },
  ]
}
