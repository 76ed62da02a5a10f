internal import UnrollArrays
internal import UnrollGradientFlow
internal import UnrollTraining

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
