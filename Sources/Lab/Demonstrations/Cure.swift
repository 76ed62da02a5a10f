/// A network whose gradient vanishes or explodes on its way back through a delay, or the same with something done about it.
enum Cure: String, CaseIterable, Sendable {
  case tanh = "tanh"
  case orthogonalStart = "orthogonal start"
  case identityStart = "identity, relu"
  case orthogonal = "Orthogonal"
  case layerNorm = "layer norm"
  case flossing = "flossing"
  case gradientNorm = "penalty \u{3A9}"
  case forgetful = "LSTM, bias 0"
  case openGates = "LSTM, bias 3"
  case chrono = "LSTM, chrono"
  case lru = "LRU"
  case rglru = "RG-LRU"
  case stretching = "exploding"
  case clipped = "clipped"
  case stabilised = "norm stabiliser"
  case stretchingFlossed = "flossed, clipped"

  /// What is changed.
  enum Family: String, CaseIterable, Sendable {
    case weights = "recurrent weights"
    case norms = "norms and exponents"
    case cells = "gates and linear recurrences"
    case exploding = "exploding"
  }

  var family: Family {
    switch self {
    case .tanh, .orthogonalStart, .identityStart, .orthogonal: .weights
    case .layerNorm, .flossing, .gradientNorm: .norms
    case .forgetful, .openGates, .chrono, .lru, .rglru: .cells
    case .stretching, .clipped, .stabilised, .stretchingFlossed: .exploding
    }
  }

  /// What is done, in words.
  var about: String {
    switch self {
    case .tanh: "nothing is done: tanh, weights uniform in \u{B1}1/\u{221A}n for n units, as some libraries draw them"
    case .orthogonalStart: "the same, with recurrent weights that start as an orthogonal matrix"
    case .identityStart: "units with relu, recurrent weights that start as the identity"
    case .layerNorm: "tanh of normalised products"
    case .orthogonal: "linear units, recurrent weights that stay orthogonal in training"
    case .flossing: "tanh, whose first Lyapunov exponents were pulled to 0 before training"
    case .gradientNorm: "tanh, with Pascanu's penalty on gradients that change their norm, in training"
    case .forgetful: "nothing is done: an LSTM whose forget gates start half open"
    case .openGates: "the same with a forget bias of 3, which opens them to 0.95"
    case .chrono: "the same with forget biases that differ from unit to unit, for memories of all lengths"
    case .lru, .rglru: "linear recurrences with factors just below 1, without and with gates"
    case .stretching: "nothing is done: linear units whose recurrent weights start as 1.1 times an orthogonal matrix"
    case .clipped: "the same, with the gradient clipped to norm 1"
    case .stabilised: "clipped, with a penalty on states that change their norm"
    case .stretchingFlossed: "clipped, with all exponents pulled to 0 before training"
    }
  }
}
