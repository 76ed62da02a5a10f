internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollGradientFlow
internal import UnrollNetworks
internal import UnrollTraining

/// The loss of truncated backpropagation: its gradient compared with that of full backpropagation, by depth, for networks with
/// memories of different lengths.
///
/// Every step has a loss. Windows advance by one step, and each propagates back through at most `depth` steps. The model does
/// not change between windows, so that a depth of all steps gives the full gradient.
struct TruncationDemonstration: Sendable {
  struct Course: Sendable {
    let name: String
    /// ‖g_k − g‖ / ‖g‖ at each depth k, where g is the full gradient.
    let errors: [Double]
    /// The cosine of the angle between g_k and g.
    let cosines: [Double]
  }

  let steps: Int
  let depths: [Int]
  let courses: [Course]

  init(steps: Int = 64, hidden: Int = 16, batch: Int = 4, seed: Int = 1) {
    self.steps = steps
    var depths: [Int] = []
    var depth = 1
    while depth < steps {
      depths.append(depth)
      depth *= 2
    }
    depths.append(steps)
    self.depths = depths
    var generator = Generator(seed: seed)
    let x = Tensor.normal([batch, steps, 2], .float64, using: &generator)
    let weighting = Tensor.normal([hidden], .float64, using: &generator)
    let plain = RNNCell(2, hidden, recurrent: .orthogonal(gain: 0.9), .float64, using: &generator)
    let gru = GRUCell(2, hidden, .float64, using: &generator)
    let forgetful = LSTMCell(2, hidden, forgetBias: 0, .float64, using: &generator)
    let lasting = LSTMCell(2, hidden, forgetBias: 3, .float64, using: &generator)
    courses = [
      Self.course("tanh, gain 0.9", plain, x, weighting, depths), Self.course("GRU", gru, x, weighting, depths),
      Self.course("LSTM, forget bias 0", forgetful, x, weighting, depths),
      Self.course("LSTM, forget bias 3", lasting, x, weighting, depths),
    ]
  }

  private static func course<Cell: RecurrentCell>(
    _ name: String, _ cell: Cell, _ x: Tensor, _ weighting: Tensor, _ depths: [Int]
  ) -> Course {
    let gradients = depths.map { gradient(Recurrent(forward: [cell]), x, weighting, depth: $0) }
    let full = gradients[gradients.count - 1]
    return Course(
      name: name,
      errors: gradients.map { (($0 - full).norm() / full.norm()).item },
      cosines: gradients.map { (($0 * full).sum() / $0.norm() / full.norm()).item })
  }

  /// All elements of the gradient, summed over windows.
  private static func gradient<Cell: RecurrentCell>(
    _ network: Recurrent<Cell>, _ x: Tensor, _ weighting: Tensor, depth: Int
  ) -> NDArray {
    var pass = TruncatedPass<Recurrent<Cell>.State>(steps: x.shape[1], Truncation(stride: 1, depth: depth))
    var mean = GradientMean<Recurrent<Cell>>()
    while let window = pass.next(
      at: network, advance: { network, steps, state in network(x[.all, steps], from: state) },
      loss: { _, outputs, _ in ((outputs * weighting).sum(axes: -1) - 1).square().sum() })
    {
      mean.add(window.gradient)
    }
    return NDArray.concatenate((mean.sum ?? network).parameters.map { $0.tensor.array.reshaped([-1]) }, axis: 0)
  }
}

extension TruncationDemonstration {
  var story: Story {
    Story(
      title: "Truncation: the part of the gradient that is lost when losses go back a limited number of steps",
      introduction: [
        "Long sequences are often trained with truncated backpropagation: each loss goes back through at most k steps, and all",
        "before that is a constant. Here each of \(steps) steps has a loss, and for every depth k the gradient that is left is",
        "compared with that of full backpropagation.",
      ],
      words: [
        ("error", "the norm of the difference between the two gradients, in per cent of the full one"),
        ("cosine", "of the angle between them: 1 is the same direction, 0 is at a right angle to it"),
      ],
      findings: courses.map(finding),
      pictures: [
        Story.Picture(
          "truncate-error",
          PlotGrid(
            title: "Truncated against full backpropagation",
            [
              Plot(xLabel: "depth k", yLabel: "error relative to the full gradient") {
                for course in courses { Series(course.name, x: depths.map(Double.init), y: course.errors) }
              }
            ]),
          look:
            "measured at k = \(depths.map(String.init).joined(separator: ", ")): networks that forget soon lose little, a long memory loses much"
        ),
        Story.Picture(
          "truncate-direction",
          PlotGrid(
            title: "Where the truncated gradient points",
            [
              Plot(xLabel: "depth k", yLabel: "cosine with the full gradient") {
                for course in courses { Series(course.name, x: depths.map(Double.init), y: course.cosines) }
              }
            ]), look: "1 is the right direction; below it the bias turns every update the same wrong way", isForTerminal: false),
      ],
      conclusion: [
        "The error is a bias, not noise: more data does not average it away. Choose the depth by how long the model must remember."
      ])
  }

  private func finding(_ course: Course) -> Story.Finding {
    let shown = depths.indices.filter { depths[$0] == 1 || depths[$0] == 8 || depths[$0] == 32 }
    let parts = shown.map {
      "k = \(depths[$0]): error \(numberText(100 * course.errors[$0], digits: 3)) %, cosine \(numberText(course.cosines[$0], digits: 3))"
    }
    let enough = depths.indices.first { course.errors[$0] < 0.01 }.map { depths[$0] }
    let numbers = depths.indices.flatMap {
      [("error_\(depths[$0])", course.errors[$0]), ("cosine_\(depths[$0])", course.cosines[$0])]
    }
    return Story.Finding(
      course.name, parts.joined(separator: "; ") + (enough.map { "; within 1 % from k = \($0)" } ?? ""),
      numbers.map { (name: $0.0, value: $0.1) })
  }
}
