import UnrollArrays
import UnrollAutograd
import UnrollNetworks

extension ParameterCheckTests {
  static let linearRows = [
    Row("MinGRUCell: inputWeight has the shape [3, 7], not [inputs, 2·hidden]", { MinGRUCell(3, 4, using: &$0) }) {
      $0.inputWeight = Tensor.ones([3, 7])
    },
    Row("MinGRUCell: bias has the shape [4], not [8]", { MinGRUCell(3, 4, using: &$0) }) { $0.bias = Tensor.zeros([4]) },
    Row("MinLSTMCell: bias has the shape [4], not [12]", { MinLSTMCell(3, 4, using: &$0) }) {
      $0.bias = Tensor.zeros([4])
    },
    Row("SRUCell: inputWeight has the shape [3, 12], not [inputs, 16]", { SRUCell(3, 4, using: &$0) }) {
      $0.inputWeight = Tensor.ones([3, 12])
    },
    Row("SRUCell: peepholes has the shape [8], not [2, 4]", { SRUCell(3, 4, peepholes: true, using: &$0) }) {
      $0.peepholes = Tensor.ones([8])
    },
    Row(
      "SRUCell: a highway for 3 inputs and 4 hidden features must be projected",
      { SRUCell(3, 4, highway: SRUCell.Highway.none, using: &$0) }
    ) { $0.highway = .input(scale: 1) },
    Row(
      "QRNNCell: inputWeight has the shape [7, 12], whose rows are not inputs of 2 steps", { QRNNCell(3, 4, using: &$0) }
    ) { $0.inputWeight = Tensor.ones([7, 12]) },
    Row("QRNNCell: bias has the shape [8], not [12]", { QRNNCell(3, 4, using: &$0) }) { $0.bias = Tensor.zeros([8]) },
    Row("RGLRUCell: 2 heads of 4 features are not 4 hidden features", { RGLRUCell(3, 4, using: &$0) }) {
      $0.gateWeight = Tensor.ones([2, 4, 4])
    },
    Row("RGLRUCell: recurrenceWeight has the shape [4, 4], not [1, 4, 4]", { RGLRUCell(3, 4, using: &$0) }) {
      $0.recurrenceWeight = Tensor.ones([4, 4])
    },
    Row("LRUCell: outputWeight has the shape [4, 4], not [8, 4]", { LRUCell(3, 4, using: &$0) }) {
      $0.outputWeight = Tensor.ones([4, 4])
    },
    Row(
      "LRUCell: a diagonal skipWeight cannot make 4 features of 3 inputs", { LRUCell(3, 4, using: &$0) }
    ) { $0.skipWeight = Tensor.ones([3]) },
  ]
}
