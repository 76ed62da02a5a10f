internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollGradientFlow

/// The same loss at the end of the same sequence, propagated back through different networks: how much arrives at the
/// beginning?
///
/// The loss is a random weighting of the last hidden state; the norms are those of its derivatives by the state at each step.
struct FlowDemonstration: Sendable {
  /// The gradient flow of one network.
  struct Path: Sendable {
    let network: FlowNetwork
    let trace: FlowTrace

    /// The norms by the state before the first step, after the first step, ... after the last step: `[steps + 1]`.
    var norms: [Double] { trace.mean }

    /// The norm at the beginning divided by the norm at the end.
    var ratio: Double { (norms.first ?? .nan) / (norms.last ?? .nan) }

    /// The mean factor of the norm for each step back.
    var factor: Double { trace.factorPerStep }

    /// The norms as fractions of the last one.
    var shares: [Double] { norms.map { $0 / (norms.last ?? .nan) } }

    var verdict: Verdict {
      switch ratio {
      case ..<1e-3: .vanishes
      case ..<0.1: .fades
      case ...10: .arrives
      case .infinity...: .explodes
      default: ratio < 1e3 ? .grows : .explodes
      }
    }
  }

  /// The verdict in a word.
  enum Verdict: String, Sendable {
    case vanishes, fades, arrives, grows, explodes
  }

  let steps: Int
  let hidden: Int
  let seed: Int
  let paths: [Path]

  static let gains = [0.5, 0.9, 1, 1.1, 1.5]
  static let forgetBiases = [0.0, 1, 3]
  static let gated: [FlowNetwork] = forgetBiases.map { .lstm(forgetBias: $0) } + [.chronoLSTM, .gru]
  static let starts: [FlowNetwork] = [.glorotTanh, .tanh(gain: 1), .identityRelu]

  init(
    steps: Int = 100, hidden: Int = 32, batch: Int = 4, inputs: Int = 4, deviation: Double = 0.3, seed: Int = 1,
    networks: [FlowNetwork]? = nil
  ) {
    var generator = Generator(seed: seed)
    let x = Tensor.normal([batch, steps, inputs], deviation: deviation, .float64, using: &generator)
    let weighting = Tensor.normal([hidden], .float64, using: &generator)
    let networks =
      networks ?? Self.gains.map { .linear(gain: $0) } + Self.gains.map { .tanh(gain: $0) } + [.glorotTanh, .identityRelu]
      + Self.gated + [.beltLSTM(forgetBias: 3)]
    self.steps = steps
    self.hidden = hidden
    self.seed = seed
    paths = networks.map {
      Path(network: $0, trace: $0.trace(hidden: hidden, x: x, weighting: weighting, seed: seed + 1))
    }
  }

  subscript(network: FlowNetwork) -> Path? { paths.first { $0.network == network } }
}
