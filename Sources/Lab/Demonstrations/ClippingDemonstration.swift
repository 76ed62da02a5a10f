internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollGradientFlow
internal import UnrollNetworks
internal import UnrollTraining

/// The same exploding network, trained on the same data without clipping and with each kind of clipping.
///
/// A linear network, whose recurrent weights start as the identity, learns the mean of a sequence. After a single update that
/// is too large, every step amplifies the state, forward and backward.
struct ClippingDemonstration: Sendable {
  /// How a gradient is clipped.
  enum Kind: String, CaseIterable, Sendable {
    case none = "no clipping"
    case norm = "by global norm"
    case value = "by value"
    case steps = "at every step back"
  }

  struct Run: Sendable {
    let kind: Kind
    /// The loss before each update; the last one is not finite if the run diverged.
    let losses: [Double]
    /// The norm of each gradient before clipping, except that clipping at every step acts within backward.
    let norms: [Double]

    /// The first update whose loss or gradient was infinite or NaN.
    var divergedAt: Int? { zip(losses, norms).enumerated().first { !$1.0.isFinite || !$1.1.isFinite }?.offset }
  }

  let steps: Int
  let hidden: Int
  let batch: Int
  let bound: Double
  let rate: Double
  let runs: [Run]

  init(
    steps: Int = 50, hidden: Int = 16, batch: Int = 16, updates: Int = 300, rate: Double = 0.001, bound: Double = 0.3,
    seed: Int = 1
  ) {
    self.steps = steps
    self.hidden = hidden
    self.batch = batch
    self.bound = bound
    self.rate = rate
    runs = Kind.allCases.map { kind in
      var generator = Generator(seed: seed)
      var model = Averager(hidden, using: &generator)
      var optimizer = SGD(for: model, learningRate: rate)
      var (losses, norms) = ([Double](), [Double]())
      for _ in 0..<updates {
        let x = Tensor.uniform([batch, steps, 1], in: 0..<1, using: &generator)
        let wanted = x.mean(axes: 1)
        let (loss, slope) = valueAndGradient(at: model) { model in
          meanSquaredError(model(x, clipping: kind == .steps ? bound / Double(steps * batch) : nil), wanted)
        }
        losses.append(loss.item)
        norms.append(slope.norm)
        if !loss.item.isFinite || !slope.norm.isFinite { break }
        switch kind {
        case .none, .steps: optimizer.update(&model, along: slope)
        case .norm: optimizer.update(&model, along: slope.clipped(norm: bound))
        case .value: optimizer.update(&model, along: slope.clipped(value: bound / Double(hidden)))
        }
      }
      return Run(kind: kind, losses: losses, norms: norms)
    }
  }

  subscript(kind: Kind) -> Run? { runs.first { $0.kind == kind } }
}

/// Learns the mean of a sequence of numbers. The output is the mean of the units, so that only the recurrence is learned.
private struct Averager: Module {
  var rnn: RNN

  init(_ hidden: Int, using generator: inout Generator) {
    rnn = RNN(1, hidden) {
      RNNCell($0, $1, activation: .identity, recurrent: .identity(), using: &generator)
    }
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("rnn", &rnn)
  }

  func callAsFunction(_ x: Tensor, clipping bound: Double?) -> Tensor {
    let outputs = bound.map { rnn.clippingCotangents(.norm($0))(x).outputs } ?? rnn(x).outputs
    return outputs[.all, -1].mean(axes: -1, keepingAxes: true)
  }
}

extension ClippingDemonstration {
  var story: Story {
    Story(
      title: "Clipping: one exploding network, trained four times",
      introduction: [
        "A linear recurrent network learns the mean of \(steps) numbers by gradient descent with a rate of \(plain(rate)). Its recurrent",
        "weights start as the identity, which keeps every state as it is. After one update that is too long they stretch the state at",
        "every step, \(steps) times over, and the next gradient is larger still. Four runs differ in what is done to gradients.",
      ],
      words: [
        ("by global norm", "a gradient longer than \(plain(bound)) is shortened to that length, all parameters together"),
        (
          "by value",
          "every number is clipped to \u{B1}\(plain(bound))/\(hidden), which bounds the length to about the same"
        ),
        (
          "at every step back",
          "inside backpropagation: the gradient that a step passes to the step before is clipped to "
            + "\u{B1}\(plain(bound))/\(steps * batch), as \(steps) steps of \(batch) sequences add up"
        ),
      ],
      findings: runs.map(finding),
      pictures: [
        Story.Picture(
          "clip-loss",
          PlotGrid(
            title: "The same run with and without clipping", columns: 1, sharesY: false,
            [
              Plot(xLabel: "update", yLabel: "loss", yScale: .logarithmic) {
                for run in runs { Series(run.kind.rawValue, run.losses) }
              },
              Plot(xLabel: "update", yLabel: "gradient norm", yScale: .logarithmic) {
                for run in runs { Series(run.kind.rawValue, run.norms) }
              },
            ]), look: "without clipping the curve soon leaves the plot at the top; the others fall", height: 560)
      ],
      conclusion: [
        "Clipping by norm keeps the direction; by value it changes it; at every step back it acts where the gradient explodes.",
        "None of them restores a gradient that has vanished.",
      ])
  }

  private func finding(_ run: Run) -> Story.Finding {
    let (first, last) = (run.losses[0], run.losses[run.losses.count - 1])
    let largest = run.norms.filter(\.isFinite).max() ?? .nan
    let numbers: [(name: String, value: Double)] = [
      ("first_loss", first), ("last_loss", last), ("largest_gradient", largest), ("diverged_at", Double(run.divergedAt ?? -1)),
    ]
    if let update = run.divergedAt {
      return Story.Finding(
        run.kind.rawValue,
        "explodes: at update \(update) the loss or its gradient is not finite any more; the largest gradient before had norm "
          + numberText(largest, digits: 3), numbers)
    }
    return Story.Finding(
      run.kind.rawValue,
      "\(last < first ? "learns" : "grows"): the loss goes from \(numberText(first, digits: 3)) to \(numberText(last, digits: 3)) in \(run.losses.count) updates; its largest "
        + "gradient had norm \(numberText(largest, digits: 3))\(run.kind == .norm || run.kind == .value ? " before it was clipped" : "")",
      numbers)
  }
}
