internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollGradientFlow
internal import UnrollNetworks
internal import UnrollTraining

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

extension FlowDemonstration {
  var story: Story {
    Story(
      title: "Gradient flow: how much reaches the beginning of a sequence",
      introduction: [
        "A loss at the end of \(steps) steps is sent back through recurrent networks of \(hidden) units that have not been trained.",
        "A network can learn from its first step only through the gradient that arrives there. Each step back multiplies",
        "the gradient by that step's Jacobian, the derivative of the new state by the old one. Where that shrinks it,",
        "over and over, the gradient vanishes; where it stretches it, the gradient explodes. Each line tells how much of it",
        "after the last step is left before the first, and the factor per step that corresponds to it, with T = \(steps) steps.",
      ],
      words: [
        ("vanishes, fades", "less than a thousandth is left, or less than a tenth"),
        ("arrives", "between a tenth and ten times as much"),
        ("grows, explodes", "more than ten times as large, or more than a thousand times"),
        (
          "gain", "the recurrent weights are this number times an orthogonal matrix, which keeps the length of the state"
        ),
        ("Glorot, identity", "other common starts: random numbers scaled by the size of the matrix, and the identity matrix"),
        ("forget bias", "the bias in the forget gate \u{3C3}(bias + ...); for LSTMs the gradient by the memory c is shown"),
        ("chrono", "forget biases that differ from unit to unit, for memories of all lengths up to T"),
      ],
      findings: paths.map(finding), pictures: pictures,
      conclusion: [
        "Plain networks live on a knife's edge: only a factor of almost exactly one carries a gradient far.",
        "Along an LSTM's memory each step multiplies by the forget gate; a bias of 3 opens it to 0.95, one of 0 only to 0.5. "
          + "The line \u{201C}LSTM of weights 0\u{201D} is this path alone; with weights, gradients also travel through the gates.",
        "What helps against vanishing does not help against exploding: that takes clipping (unroll-lab clip, unroll-lab wall).",
      ])
  }

  private func finding(_ path: Path) -> Story.Finding {
    let share = numberText(path.ratio, digits: 3)
    let rest = path.ratio > 1.005 ? "\(share) times as large" : "\(share) is left"
    var sentence = "\(path.verdict.rawValue): \(rest), a factor of \(plain(path.factor)) per step"
    if !path.ratio.isFinite { sentence = "\(path.verdict.rawValue): it is larger than any float64 number" }
    switch path.network {
    case .linear(let gain):
      sentence += "; gain^T = \(numberText(power(gain), digits: 3))"
    case .beltLSTM(let bias):
      sentence += "; \u{3C3}(\(plain(bias)))^T = \(numberText(power(forgetGate(bias)), digits: 3))"
    case .tanh(let gain) where gain > 1 && path.factor < gain:
      sentence += "; less than \(plain(gain)), as the slope of tanh is below 1"
    case .lstm, .chronoLSTM:
      if path.ratio > 1 { sentence += "; an LSTM can explode too, through its gates" }
    default: break
    }
    return Story.Finding(
      path.network.name, sentence,
      [("share", path.ratio), ("factor", path.factor), ("first", path.norms[0]), ("last", path.norms[steps])])
  }

  /// ρ^T, where T is the number of steps.
  func power(_ factor: Double) -> Double { (0..<steps).reduce(1) { product, _ in product * factor } }

  /// σ(b).
  func forgetGate(_ bias: Double) -> Double { NDArray(bias, .float64).sigmoid().item }

  private var pictures: [Story.Picture] {
    var pictures: [Story.Picture] = []
    let panels = [
      panel("linear", Self.gains.map { .linear(gain: $0) }) { "gain \(self.gain(of: $0))" },
      panel("tanh", Self.gains.map { .tanh(gain: $0) }) { "gain \(self.gain(of: $0))" },
    ].compactMap(\.self)
    if !panels.isEmpty {
      pictures.append(
        Story.Picture(
          "flow-gains", PlotGrid(title: "Plain networks: recurrent weights gain \u{D7} orthogonal", columns: 2, panels),
          look: "a constant factor is a straight line: left exactly gain^T; right lower, as the slope of tanh is below 1"))
    }
    let gated = panel("", Self.gated + [.tanh(gain: 0.9)]) { $0.name }
    if let gated {
      pictures.append(
        Story.Picture(
          "flow-gates", PlotGrid(title: "Gated networks beside a tanh network", [gated]),
          look:
            "the higher the forget bias, the less is lost: the memory, whose gradient is shown for LSTMs, is a conveyor belt"))
    }
    let starts = panel("", Self.starts) { $0 == .tanh(gain: 1) ? "tanh, orthogonal" : $0.name }
    if let starts {
      pictures.append(
        Story.Picture(
          "flow-initialisation", PlotGrid(title: "The same plain network, initialised differently", [starts]),
          look: "a start at an orthogonal matrix or the identity postpones the trouble; the activation still decides",
          isForTerminal: false)
      )
    }
    return pictures
  }

  private func gain(of network: FlowNetwork) -> String {
    switch network {
    case .linear(let gain), .tanh(let gain): plain(gain)
    default: ""
    }
  }

  /// The shares over steps back from the loss; nil if none of the networks was measured.
  private func panel(_ title: String, _ networks: [FlowNetwork], name: (FlowNetwork) -> String) -> Plot? {
    let found = networks.compactMap { self[$0] }
    if found.isEmpty { return nil }
    return Plot(title: title, xLabel: "steps back from the loss", yLabel: "share of the gradient left", yScale: .logarithmic) {
      for path in found { Series(name(path.network), Array(path.shares.reversed())) }
    }
  }
}

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
