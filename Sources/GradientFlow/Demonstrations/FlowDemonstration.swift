internal import UnrollArrays
internal import UnrollAutograd

/// The same loss at the end of the same sequence, sent back through different networks: what arrives at the beginning?
///
/// The loss is a random weighting of the last hidden state; the norms are of its derivatives by the state at each step.
package struct FlowDemonstration: Sendable {
  /// What happened to the gradient of one network.
  package struct Path: Sendable {
    package let network: FlowNetwork
    /// By the state before the first step, after it, ... after the last: `[steps + 1]`.
    package let norms: [Double]

    /// What is left at the beginning of what there was at the end.
    package var ratio: Double { (norms.first ?? .nan) / (norms.last ?? .nan) }

    /// By what the norm is multiplied for each step back, on average.
    package var factor: Double {
      if ratio == 0 { return 0 }
      return exponential(logarithms([ratio])[0] / Double(norms.count - 1))
    }

    /// The norms as shares of the last.
    package var shares: [Double] { norms.map { $0 / (norms.last ?? .nan) } }

    package var verdict: Verdict {
      switch ratio {
      case ..<1e-3: .vanishes
      case ..<0.1: .fades
      case ...10: .arrives
      case .infinity...: .explodes
      default: ratio < 1e3 ? .grows : .explodes
      }
    }
  }

  /// In a word.
  package enum Verdict: String, Sendable {
    case vanishes, fades, arrives, grows, explodes
  }

  package let steps: Int
  package let hidden: Int
  package let seed: Int
  package let paths: [Path]

  package static let gains = [0.5, 0.9, 1, 1.1, 1.5]
  package static let forgetBiases = [0.0, 1, 3]
  static let gated: [FlowNetwork] = forgetBiases.map { .lstm(forgetBias: $0) } + [.chronoLSTM, .gru]
  static let starts: [FlowNetwork] = [.glorotTanh, .tanh(gain: 1), .identityRelu]

  package init(
    steps: Int = 100, hidden: Int = 32, batch: Int = 4, inputs: Int = 4, deviation: Double = 0.3, seed: Int = 1,
    networks: [FlowNetwork]? = nil
  ) {
    var generator = Generator(seed: seed)
    let x = Tensor(NDArray.normal([batch, steps, inputs], deviation: deviation, .float64, using: &generator))
    let weighting = Tensor(NDArray.normal([hidden], .float64, using: &generator))
    let networks =
      networks ?? Self.gains.map { .linear(gain: $0) } + Self.gains.map { .tanh(gain: $0) } + [.glorotTanh, .identityRelu]
      + Self.gated + [.beltLSTM(forgetBias: 3)]
    self.steps = steps
    self.hidden = hidden
    self.seed = seed
    paths = networks.map {
      Path(network: $0, norms: $0.norms(hidden: hidden, x: x, weighting: weighting, seed: seed + 1))
    }
  }

  package subscript(network: FlowNetwork) -> Path? { paths.first { $0.network == network } }
}
