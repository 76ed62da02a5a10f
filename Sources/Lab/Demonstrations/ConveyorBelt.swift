internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollGradientFlow
internal import UnrollNetworks
internal import UnrollTraining

/// An LSTM that has learned to hold a value until it is told to take a new one, and its gates, step by step.
///
/// Each step brings a number, −1 or 1, and possibly a mark. The output must be the number of the last marked step; unmarked
/// numbers are to be ignored.
struct ConveyorBelt: Sendable {
  /// One step of the unit whose memory follows the target best.
  struct Step: Sendable {
    let value: Double
    let isMarked: Bool
    let wanted: Double
    let output: Double
    let input: Double
    let forget: Double
    let candidate: Double
    let outputGate: Double
    let cell: Double
    let hidden: Double
  }

  let losses: [Double]
  /// The index of the unit that is shown.
  let unit: Int
  let steps: [Step]

  init(steps: Int = 32, hidden: Int = 2, updates: Int = 600, seed: Int = 1) {
    var generator = Generator(seed: seed)
    var model = Holder(hidden, using: &generator)
    var optimizer = Adam(for: model, learningRate: 0.02)
    var losses: [Double] = []
    for _ in 0..<updates {
      let task = HoldingTask(batch: 32, steps: steps, using: &generator)
      let (loss, slope) = valueAndGradient(at: model) { meanSquaredError($0(task.x), task.wanted) }
      losses.append(loss.item)
      optimizer.update(&model, along: slope.clipped(norm: 1))
    }
    self.losses = losses
    let task = HoldingTask(showing: steps, using: &generator)
    let states = model.states(task.x)
    let wanted: [Double] = task.wanted.array.scalars(as: Double.self)
    let memories = states.map { $0.cell.array.scalars(as: Double.self) }
    let chosen = (0..<hidden).max { Self.agreement(memories, $0, wanted) < Self.agreement(memories, $1, wanted) } ?? 0
    unit = chosen
    let outputs: [Double] = model(task.x).array.scalars(as: Double.self)
    let cell = model.lstm.forward[0]
    self.steps = (0..<steps).map { t in
      let before = t == 0 ? cell.initialState(batch: 1, .float32) : states[t - 1]
      let input = task.x[.all, t]
      let gates = cell.activations(cell.project(input), cell.recur(before.hidden), before).map {
        $0.values[0, chosen].item
      }
      return Step(
        value: task.x[0, t, 0].item, isMarked: task.x[0, t, 1].item > 0, wanted: wanted[t], output: outputs[t], input: gates[0],
        forget: gates[1], candidate: gates[2], outputGate: gates[3], cell: states[t].cell[0, chosen].item,
        hidden: states[t].hidden[0, chosen].item)
    }
  }

  /// How well a unit's memory correlates with the target, whatever its sign.
  private static func agreement(_ memories: [[Double]], _ unit: Int, _ wanted: [Double]) -> Double {
    let (product, size) = zip(memories, wanted).reduce((0.0, 0.0)) {
      ($0.0 + $1.0[unit] * $1.1, $0.1 + $1.0[unit] * $1.0[unit])
    }
    return size == 0 ? 0 : (product * product / size)
  }

  /// The mean value of the forget gate at marked and at other steps.
  var meanForget: (marked: Double, other: Double) {
    func mean(_ steps: [Step]) -> Double { steps.reduce(0) { $0 + $1.forget / Double(steps.count) } }
    return (mean(steps.filter(\.isMarked)), mean(steps.filter { !$0.isMarked }))
  }
}

private struct Holder: Module {
  var lstm: LSTM
  var head: Linear

  init(_ hidden: Int, using generator: inout Generator) {
    lstm = LSTM(2, hidden, using: &generator)
    head = Linear(hidden, 1, using: &generator)
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("lstm", &lstm)
    visitor("head", &head)
  }

  func callAsFunction(_ x: Tensor) -> Tensor { head(lstm(x).outputs) }

  func states(_ x: Tensor) -> [LSTMState] {
    var state = lstm.forward[0].initialState(batch: 1, x.type)
    return (0..<x.shape[1]).map { t in
      state = lstm.forward[0](x[.all, t], from: state)
      return state
    }
  }
}

/// The numbers, the marks, and the targets.
private struct HoldingTask {
  let x: Tensor
  let wanted: Tensor

  init(batch: Int, steps: Int, using generator: inout Generator) {
    let draws: [Float] = NDArray.uniform([batch * steps * 2], in: 0..<1, using: &generator).scalars()
    self.init(batch, steps) { row, t in
      let at = 2 * (row * steps + t)
      return (draws[at] < 0.5 ? -1 : 1, t == 0 || draws[at + 1] < 0.12)
    }
  }

  /// One sequence with three marks, whose numbers alternate.
  init(showing steps: Int, using generator: inout Generator) {
    let draws: [Float] = NDArray.uniform([steps], in: 0..<1, using: &generator).scalars()
    let marks = [0, steps / 3, 2 * steps / 3]
    self.init(1, steps) { _, t in
      if let mark = marks.lastIndex(of: t) { return (mark == 1 ? -1 : 1, true) }
      return (draws[t] < 0.5 ? -1 : 1, false)
    }
  }

  private init(_ batch: Int, _ steps: Int, _ step: (_ row: Int, _ t: Int) -> (value: Float, isMarked: Bool)) {
    var (inputs, targets) = ([Float](), [Float]())
    for row in 0..<batch {
      var held: Float = 0
      for t in 0..<steps {
        let (value, isMarked) = step(row, t)
        if isMarked { held = value }
        inputs += [value, isMarked ? 1 : 0]
        targets.append(held)
      }
    }
    x = Tensor(NDArray(inputs).reshaped([batch, steps, 2]))
    wanted = Tensor(NDArray(targets).reshaped([batch, steps, 1]))
  }
}
