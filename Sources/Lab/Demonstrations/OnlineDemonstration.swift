internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollGradientFlow
internal import UnrollNetworks
internal import UnrollTraining

/// Ways to estimate the gradient of a long sequence, against backpropagation through all of it: what each leaves out, and how much
/// it scatters.
///
/// Every step has a loss and the model is fixed, so that all estimates are of the same gradient. Random ones are drawn many times.
struct OnlineDemonstration: Sendable {
  /// One way to estimate, on one network.
  struct Estimate: Sendable {
    let name: String
    /// How often it was drawn; 1 for what is not random.
    let draws: Int
    /// ‖m − g‖ / ‖g‖ of the mean m of all draws, where g is the gradient.
    let bias: Double
    /// The standard deviation of a draw, √E‖d − m‖² / ‖g‖.
    let deviation: Double
    /// The cosine of the angle between m and g.
    let cosine: Double
    /// √E‖a − g‖² / ‖g‖ for averages a of 1, 2, 4, ... draws.
    let errors: [Double]

    /// The deviation of m, to compare the bias with.
    var standardError: Double { deviation / Double(draws).squareRoot() }
    var isExact: Bool { draws == 1 && bias < 1e-9 }
  }

  struct Course: Sendable {
    let name: String
    let estimates: [Estimate]

    subscript(name: String) -> Estimate? { estimates.first { $0.name == name } }
  }

  let steps: Int
  let hidden: Int
  let draws: Int
  /// The lengths of the windows of truncated backpropagation.
  let windows: [Int]
  let courses: [Course]

  init(steps: Int = 32, hidden: Int = 8, draws: Int = 128, seed: Int = 1) {
    (self.steps, self.hidden, self.draws) = (steps, hidden, draws)
    windows = [max(1, steps / 16), max(2, steps / 4)]
    var generator = Generator(seed: seed)
    let x = Tensor.normal([1, steps, 2], .float64, using: &generator)
    let weighting = Tensor.normal([hidden], .float64, using: &generator)
    let plain = RNNCell(2, hidden, recurrent: .orthogonal(gain: 0.9), .float64, using: &generator)
    let lasting = LSTMCell(2, hidden, forgetBias: 3, .float64, using: &generator)
    var apart = IndRNNCell(2, hidden, activation: .tanh, .float64, using: &generator)
    apart.recurrentWeight = Tensor.linearSpace(0.5, 1, count: hidden, .float64)
    let problem = Problem(x: x, weighting: weighting, windows: windows, draws: draws)
    courses = [
      problem.course("tanh RNN", plain, &generator), problem.course("LSTM, forget bias 3", lasting, &generator),
      problem.course("IndRNN", apart, &generator),
    ]
  }

  subscript(name: String) -> Course? { courses.first { $0.name == name } }
}

/// What is estimated: the gradient of the losses of all steps of one sequence.
private struct Problem {
  let x: Tensor
  let weighting: Tensor
  let windows: [Int]
  let draws: Int

  func course<Cell: RecurrentCell>(
    _ name: String, _ cell: Cell, _ generator: inout Generator
  ) -> OnlineDemonstration.Course {
    let exact = windowed(cell, TruncatedPass(steps: x.shape[1], Truncation(stride: x.shape[1], depth: x.shape[1])))
    var estimates = windows.map { length in
      let pass = TruncatedPass<Recurrent<Cell>.State>(steps: x.shape[1], Truncation(stride: length, depth: length))
      return OnlineDemonstration.Estimate("windows of \(length)", [windowed(cell, pass)], exact)
    }
    for (name, influence) in [("RTRL", Influence.rtrl), ("diagonal", .diagonal), ("SnAp-1", .snap1), ("e-prop", .eprop)] {
      estimates.append(.init(name, [online(RealTimeLearner(of: cell, influence), cell)], exact))
    }
    estimates.append(
      .init("UORO", (0..<draws).map { _ in online(UORO(of: cell, using: &generator), cell) }, exact))
    let length = windows[1]
    let random = (0..<draws).map { _ in
      let pass = TruncatedPass<Recurrent<Cell>.State>(
        steps: x.shape[1], endingWith: 1 / Double(length), using: &generator)
      return windowed(cell, pass)
    }
    return OnlineDemonstration.Course(name: name, estimates: estimates + [.init("ARTBP, mean \(length)", random, exact)])
  }

  private func loss(_ outputs: Tensor) -> Tensor { ((outputs * weighting).sum(axes: -1) - 1).square().sum() }

  private func windowed<Cell: RecurrentCell>(_ cell: Cell, _ pass: TruncatedPass<Recurrent<Cell>.State>) -> NDArray {
    let network = Recurrent(forward: [cell])
    var (pass, sum) = (pass, network * 0)
    while let window = pass.next(
      at: network, advance: { network, steps, state in network(x[.all, steps], from: state) },
      loss: { _, outputs, _ in loss(outputs) })
    {
      sum = sum + window.gradient
    }
    return flat(sum)
  }

  private func online<Learner: OnlineLearner>(_ learner: Learner, _ cell: Learner.Model) -> NDArray {
    var (learner, sum) = (learner, cell * 0)
    for t in 0..<x.shape[1] { sum = sum + learner.observe(x[.all, t], at: cell) { loss($0) }.model }
    return flat(sum)
  }

  private func flat(_ model: some Module) -> NDArray {
    NDArray.concatenate(model.parameters.map { $0.tensor.array.reshaped([-1]) }, axis: 0)
  }
}

extension OnlineDemonstration.Estimate {
  fileprivate init(_ name: String, _ draws: [NDArray], _ exact: NDArray) {
    let size = exact.norm().item
    let all = NDArray.stack(draws)
    let mean = all.mean(axes: [0])
    self.name = name
    self.draws = draws.count
    bias = (mean - exact).norm().item / size
    deviation = draws.count > 1 ? ((all - mean).square().sum().item / Double(draws.count - 1)).squareRoot() / size : 0
    cosine = (mean * exact).sum().item / mean.norm().item / size
    // Averages of the draws in groups, at least four of them.
    var (errors, groups): ([Double], NDArray) = ([], all)
    repeat {
      errors.append(((groups - exact).square().sum().item / Double(groups.shape[0])).squareRoot() / size)
      let pairs = groups.shape[0] / 2
      groups = groups[..<(2 * pairs)].reshaped([pairs, 2, exact.count]).mean(axes: [1])
    } while groups.shape[0] >= 4
    self.errors = errors
  }
}

extension OnlineDemonstration {
  var story: Story {
    Story(
      title: "Learning online: ways to estimate the gradient of a long sequence",
      introduction: [
        "Each of \(steps) steps has a loss. Backpropagation through all of them gives the gradient; here other ways estimate it,",
        "on networks of \(hidden) units that have not been trained. Windows of truncated backpropagation and the learners that carry",
        "influences forward always give the same estimate, which may be wrong; random ones give another each time, and were drawn",
        "\(draws) times.",
      ],
      words: [
        ("bias", "how far an estimate without scatter is from the gradient, in per cent of its length: no average removes it"),
        ("scatter", "the standard deviation of one estimate, in per cent too; an average of n has \u{221A}n times less"),
        ("windows of k", "truncated backpropagation: the sequence is cut every k steps"),
        ("RTRL", "the influence of each parameter on the state is carried forward; diagonal, SnAp-1, e-prop carry parts of it"),
        ("UORO", "a random product of two vectors stands for that influence"),
        ("ARTBP", "windows end at random, and what goes on is scaled up to make good for what was cut"),
      ],
      findings: courses.flatMap { course in course.estimates.map { finding(course, $0) } },
      pictures: [picture],
      conclusion: [
        "A bias turns every update the same wrong way. A scatter averages out, at the price of as many gradients.",
        "UORO and ARTBP have no bias: their means are as far off as their standard errors. ARTBP scatters less, but goes back.",
        "Where units do not feed each other, as in an IndRNN, the diagonal is everything, and exact learning costs little.",
      ])
  }

  private func finding(_ course: Course, _ estimate: Estimate) -> Story.Finding {
    func percent(_ part: Double) -> String { numberText(100 * part, digits: 3) + " %" }
    let sentence =
      if estimate.isExact {
        "exact"
      } else if estimate.draws == 1 {
        "bias \(percent(estimate.bias)), no scatter; cosine \(numberText(estimate.cosine, digits: 3))"
      } else {
        "scatter \(percent(estimate.deviation)); the mean of \(estimate.draws) is off by \(percent(estimate.bias)), "
          + "its standard error \(percent(estimate.standardError))"
      }
    return Story.Finding(
      "\(course.name): \(estimate.name)", sentence,
      [
        ("bias", estimate.bias), ("deviation", estimate.deviation), ("standard_error", estimate.standardError),
        ("cosine", estimate.cosine),
      ])
  }

  private var picture: Story.Picture {
    let counts = (courses[0].estimates.map(\.errors.count).max() ?? 1)
    let x = (0..<counts).map { Double(1 << $0) }
    return Story.Picture(
      "online-error",
      PlotGrid(
        title: "Errors of averaged gradients", columns: 3, sharesX: true, sharesY: true,
        courses.map { course in
          Plot(
            title: course.name, xLabel: "gradients averaged", yLabel: "error relative to the gradient", xScale: .logarithmic,
            yScale: .logarithmic
          ) {
            for estimate in course.estimates where !estimate.isExact {
              let isRandom = estimate.draws > 1
              Series(
                estimate.name, x: isRandom ? Array(x[..<estimate.errors.count]) : x,
                y: isRandom ? estimate.errors : x.map { _ in estimate.errors[0] })
            }
          }
        }),
      look: "level lines are biases, falling lines scatter that averages out; what is exact has no line, as RTRL everywhere; "
        + "SnAp-1 hides the diagonal of a tanh RNN, which is the same",
      height: 420)
  }
}
