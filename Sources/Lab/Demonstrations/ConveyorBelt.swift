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

extension ConveyorBelt {
  var story: Story {
    let (marked, other) = meanForget
    return Story(
      title: "The conveyor belt: an LSTM that holds a value until it is told to take a new one",
      introduction: [
        "Each step brings -1 or +1, and here and there a mark (*). The network must output the value at the last mark.",
        "It was trained for \(losses.count) updates: the squared error went from \(numberText(losses.first ?? .nan, digits: 3)) to "
          + "\(numberText(losses.last ?? .nan, digits: 2)). Below is one sequence: each step, its input, and the numbers "
          + "of unit \(unit), whose memory follows the wanted value best.",
      ],
      words: [
        ("c", "the memory, which becomes f c + i g"),
        ("f", "the forget gate, from 0 to 1: how much of the old memory stays"),
        ("i, g", "the input gate, from 0 to 1, and the new content: i g is what is added to the memory"),
        (
          "o, h",
          "the output gate, from 0 to 1, and the hidden state h = o tanh(c): what the network sees of the memory"
        ),
        ("says", "the output of the whole network, and what happened to the memory"),
      ],
      findings: steps.enumerated().map(finding),
      pictures: [picture],
      conclusion: [
        "The forget gate is \(numberText(marked, digits: 2)) on average where there is a mark and \(numberText(other, digits: 2)) elsewhere: "
          + "low where the memory is replaced, high where it is kept.",
        "Between marks the gradient of the memory is the product of these f: over ten steps "
          + "\(numberText((0..<10).reduce(1.0) { product, _ in product * other }, digits: 2)) of it is left; with f = 0.5 it would be 0.001.",
      ])
  }

  private func finding(_ t: Int, _ step: Step) -> Story.Finding {
    func gate(_ value: Double) -> String { fixedText(value, decimals: 2) }
    func signed(_ value: Double) -> String { (value < 0 ? "" : "+") + fixedText(value, decimals: 2) }
    let what =
      if step.isMarked {
        step.forget < 0.5 ? "replaced" : "added to"
      } else {
        step.forget > 0.8 ? "holds" : "leaks"
      }
    return Story.Finding(
      "\(t < 10 ? " " : "")\(t)  \(step.value < 0 ? "-1" : "+1")\(step.isMarked ? " *" : "")",
      "f \(gate(step.forget))  i \(gate(step.input))  g \(signed(step.candidate))  c \(signed(step.cell))  o \(gate(step.outputGate))  "
        + "h \(signed(step.hidden))  says \(signed(step.output)) \(what)",
      [
        ("value", step.value), ("marked", step.isMarked ? 1 : 0), ("forget", step.forget), ("input", step.input),
        ("candidate", step.candidate), ("cell", step.cell), ("output_gate", step.outputGate), ("hidden", step.hidden),
        ("output", step.output), ("wanted", step.wanted),
      ])
  }

  private var picture: Story.Picture {
    let marks = steps.indices.filter { steps[$0].isMarked }
    let panels = [
      Plot(title: "input, target and output", xLabel: "step") {
        Series("wanted", steps.map(\.wanted))
        Series("output", steps.map(\.output))
        if !marks.isEmpty {
          Series("marked value", x: marks.map(Double.init), y: marks.map { steps[$0].value }, style: .points)
        }
      },
      Plot(title: "gates of unit \(unit)", xLabel: "step") {
        Series("forget gate f", steps.map(\.forget))
        Series("input gate i", steps.map(\.input))
        Series("output gate o", steps.map(\.outputGate))
      },
      Plot(title: "memory and state of unit \(unit)", xLabel: "step") {
        Series("memory c", steps.map(\.cell))
        Series("hidden h", steps.map(\.hidden))
      },
    ]
    return Story.Picture(
      "cell-belt", PlotGrid(title: "The memory as a conveyor belt", columns: 1, sharesY: false, panels),
      look: "at every mark f falls, i rises and c jumps to its new value; in between f stays near 1 and c stays", height: 640
    )
  }
}
