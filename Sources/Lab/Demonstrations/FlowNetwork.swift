internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollGradientFlow
internal import UnrollNetworks
internal import UnrollTraining

/// A network whose gradients are propagated back through time.
enum FlowNetwork: Hashable, Sendable {
  /// Elman's network without bias, whose recurrent weights are a multiple of an orthogonal matrix.
  case linear(gain: Double)
  case tanh(gain: Double)
  /// The tanh network with the common Glorot-uniform initialisation.
  case glorotTanh
  /// The IRNN: relu, with the identity as recurrent weights.
  case identityRelu
  case lstm(forgetBias: Double)
  /// Forget biases ln u, for memories of all lengths up to that of the sequence.
  case chronoLSTM
  /// An LSTM whose weights are all zero, so that its gates are functions of the biases alone and the gradient travels only
  /// along the memory.
  case beltLSTM(forgetBias: Double)
  case gru

  var name: String {
    switch self {
    case .linear(let gain): "linear, gain \(plain(gain))"
    case .tanh(let gain): "tanh, gain \(plain(gain))"
    case .glorotTanh: "tanh, Glorot"
    case .identityRelu: "relu, identity"
    case .lstm(let bias): "LSTM, forget bias \(plain(bias))"
    case .chronoLSTM: "LSTM, chrono"
    case .beltLSTM(let bias): "LSTM of weights 0, forget bias \(plain(bias))"
    case .gru: "GRU"
    }
  }

  /// The norms of dL/d state before the first step, after the first step, ... after the last step; for an LSTM, of the memory.
  func trace(hidden: Int, x: Tensor, weighting: Tensor, seed: Int) -> FlowTrace {
    var generator = Generator(seed: seed)
    let inputs = x.shape[2]
    func rnn(_ activation: Activation, _ recurrent: Initializer) -> FlowTrace {
      let cell = RNNCell(
        inputs, hidden, bias: false, activation: activation, recurrent: recurrent, .float64, using: &generator)
      return flow(of: cell, x, weighting).trace()
    }
    func lstm(_ change: (inout LSTMCell) -> Void, forgetBias: Double) -> FlowTrace {
      var cell = LSTMCell(inputs, hidden, forgetBias: forgetBias, .float64, using: &generator)
      change(&cell)
      return flow(of: cell, x, weighting).trace("cell")
    }
    switch self {
    case .linear(let gain): return rnn(.identity, .orthogonal(gain: gain))
    case .tanh(let gain): return rnn(.tanh, .orthogonal(gain: gain))
    case .glorotTanh: return rnn(.tanh, .glorotUniform)
    case .identityRelu: return rnn(.relu, .identity())
    case .lstm(let bias): return lstm({ _ in }, forgetBias: bias)
    case .beltLSTM(let bias):
      return lstm(
        {
          $0.inputWeight = $0.inputWeight * 0
          $0.recurrentWeight = $0.recurrentWeight * 0
        }, forgetBias: bias)
    case .chronoLSTM:
      var other = generator.split()
      let bias = Initializer.chrono(longest: Double(max(3, x.shape[1])))([4 * hidden], .float64, using: &other)
      return lstm({ $0.bias = bias }, forgetBias: 0)
    case .gru:
      return flow(of: GRUCell(inputs, hidden, .float64, using: &generator), x, weighting).trace()
    }
  }

  private func flow<Cell: RecurrentCell>(of cell: Cell, _ x: Tensor, _ weighting: Tensor) -> GradientFlow {
    GradientFlow(of: cell, on: x) { outputs in (outputs[.all, -1] * weighting).sum() }
  }
}
