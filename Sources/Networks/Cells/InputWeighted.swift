internal import UnrollAutograd

/// A cell whose inputs meet a matrix `[inputs, anything]` first, so that it knows how many features they have.
protocol InputWeighted {
  var inputWeight: Tensor { get }
}

extension LSTMCell: InputWeighted {}
extension PeepholeLSTMCell: InputWeighted {}
extension CoupledLSTMCell: InputWeighted {}
extension ProjectedLSTMCell: InputWeighted {}
extension LayerNormLSTMCell: InputWeighted {}
extension GateNormLSTMCell: InputWeighted {}
extension GRUCell: InputWeighted {}
extension LayerNormGRUCell: InputWeighted {}
extension MGUCell: InputWeighted {}
extension RNNCell: InputWeighted {}
extension LayerNormRNNCell: InputWeighted {}
extension IndRNNCell: InputWeighted {}
