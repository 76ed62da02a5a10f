import Unroll
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

/// Recurrent layers over sequences, with the names and the shapes of the other systems' benchmarks.
struct RecurrentCases {
  /// The sizes: batch, time, inputs, hidden, layers.
  struct Setting {
    let name: String
    let batch: Int
    let time: Int
    let inputs: Int
    let hidden: Int
    let layers: Int

    init(_ batch: Int, _ time: Int, _ inputs: Int, _ hidden: Int, layers: Int = 1) {
      name = "\(batch)x\(time)x\(inputs)x\(hidden)" + (layers > 1 ? "_L\(layers)" : "")
      (self.batch, self.time, self.inputs, self.hidden, self.layers) = (batch, time, inputs, hidden, layers)
    }

    /// The floating-point operations of the products in one pass.
    func products(gates: Int) -> Int {
      (0..<layers).reduce(0) { $0 + 2 * gates * batch * time * hidden * (($1 == 0 ? inputs : hidden) + hidden) }
    }

    /// The floating-point operations of a training step: three passes, without the gradient of the inputs, which are constant.
    func neededForTraining(gates: Int) -> Int { 3 * products(gates: gates) - 2 * gates * batch * time * hidden * inputs }
  }

  static let small = Setting(16, 50, 64, 64)
  static let middle = Setting(32, 100, 128, 128)
  static let large = Setting(64, 100, 256, 256)
  static let all = [
    Setting(1, 100, 32, 32), small, middle, large, Setting(32, 128, 512, 512), Setting(20, 35, 650, 650, layers: 2),
    Setting(1, 1000, 128, 128),
  ]

  /// The outputs of all steps, unrecorded.
  static func forward(into report: inout Report) {
    for setting in all {
      let (model, x, _) = lstm(setting)
      report.add("lstm_fwd", setting.name, measured(setting, gates: 4, passes: 1, report) { _ = model(x) })
    }
  }

  static func training(into report: inout Report) {
    for setting in all {
      let (model, x, target) = lstm(setting)
      let step = trainingStep(model, x, target) { $0($1).outputs }
      var measurement = measured(setting, gates: 4, passes: 3, report, step)
      if !report.quick && Machine.threadCount == 1 {
        let shares = sharesOfPeak(setting.neededForTraining(gates: 4), step)
        measurement.figures += [("of_peak", shares[shares.count / 2]), ("of_peak_best", shares[shares.count - 1])]
      }
      report.add("lstm_train", setting.name, measurement)
    }
  }

  /// The floating-point rate of training steps as a share of the peak, which is measured before and after each step, in
  /// ascending order. On a shared machine only measurements that are close in time can be compared.
  private static func sharesOfPeak(_ needed: Int, _ step: () -> Void) -> [Double] {
    let count = 500_000
    func peak() -> Double {
      let start = now()
      Machine.multiplyAddOnly(.float32, count: count)
      return Machine.multiplyAddFlops(.float32, count: count) / (now() - start)
    }
    var before = peak()
    return (0..<25).map { _ in
      let start = now()
      step()
      let rate = Double(needed) / (now() - start)
      let after = peak()
      defer { before = after }
      return 2 * rate / (before + after)
    }.sorted()
  }

  static func rnn(into report: inout Report) {
    train("rnn_train", gates: 1, into: &report) { RNNCell($0, $1, using: &$2) }
  }

  static func gru(into report: inout Report) {
    train("gru_train", gates: 3, into: &report) { GRUCell($0, $1, using: &$2) }
  }

  static func peephole(into report: inout Report) {
    train("peephole_train", gates: 4, into: &report) { PeepholeLSTMCell($0, $1, using: &$2) }
  }

  static func layerNorm(into report: inout Report) {
    train("layernorm_train", gates: 4, into: &report) { LayerNormLSTMCell($0, $1, using: &$2) }
  }

  /// Zoneout of the output and the memory, including its random draws.
  static func zoneout(into report: inout Report) {
    let (plain, x, target) = lstm(middle)
    let model = plain.modifyingCells { Zoneout($0, hidden: 0.05, memory: 0.5) }
    train("zoneout_train", middle, gates: 4, model, x, target, into: &report) { model, x in
      var generator = Generator(seed: 4)
      return model(x, using: &generator).outputs
    }
  }

  static func own(into report: inout Report) {
    train("custom", name: "eager", gates: 4, into: &report) { OwnCell($0, $1, using: &$2) }
  }

  private static func train<Cell: RecurrentCell>(
    _ group: String, name: String? = nil, gates: Int, into report: inout Report,
    make: (Int, Int, inout Generator) -> Cell
  ) {
    var generator = Generator(seed: 1)
    let (_, x, target) = lstm(middle)
    let model = Recurrent(middle.inputs, [middle.hidden], isTimeFirst: true) { make($0, $1, &generator) }
    train(group, middle, name: name, gates: gates, model, x, target, into: &report) { $0($1).outputs }
  }

  /// One token at a time, as in sampling: with a prepared network, and with calls of the network.
  static func steps(into report: inout Report) {
    for hidden in [64, 128, 256, 512] {
      let setting = Setting(1, 1, hidden, hidden)
      let (model, x, _) = lstm(setting)
      let (stream, row) = (model.prepared(), x[0])
      var state = stream.initialState(batch: 1)
      report.add("lstm_step", setting.name, measured(setting, gates: 4, passes: 1, report) { _ = stream(row, state: &state) })
      report.add("lstm_step_call", setting.name, measured(setting, gates: 4, passes: 1, report) { _ = model(x) })
    }
  }

  /// The same for other cells, one of which is written like a user's cell.
  static func cellSteps(into report: inout Report) {
    step("gru_step", gates: 3, into: &report) { GRUCell($0, $1, using: &$2) }
    step("peephole_step", gates: 4, into: &report) { PeepholeLSTMCell($0, $1, using: &$2) }
    step("layernorm_step", gates: 4, into: &report) { LayerNormLSTMCell($0, $1, using: &$2) }
    step("coupled_step", gates: 3, into: &report) { CoupledLSTMCell($0, $1, using: &$2) }
    step("custom_step", gates: 4, into: &report) { OwnCell($0, $1, using: &$2) }
  }

  private static func step<Cell: RecurrentCell>(
    _ group: String, gates: Int, into report: inout Report, make: (Int, Int, inout Generator) -> Cell
  ) {
    for hidden in [64, 256] {
      let setting = Setting(1, 1, hidden, hidden)
      var generator = Generator(seed: 1)
      let stream = Recurrent(forward: [make(hidden, hidden, &generator)]).prepared()
      let row = Tensor(noise([1, hidden], .float32, seed: 2))
      var state = stream.initialState(batch: 1)
      report.add(group, setting.name, measured(setting, gates: gates, passes: 1, report) { _ = stream(row, state: &state) })
    }
  }

  static func lstm(_ setting: Setting) -> (LSTM, x: Tensor, target: Tensor) {
    var generator = Generator(seed: 1)
    let model = LSTM(setting.inputs, setting.hidden, layers: setting.layers, isTimeFirst: true, using: &generator)
    let x = Tensor(noise([setting.time, setting.batch, setting.inputs], .float32, seed: 2))
    return (model, x, Tensor(noise([setting.time, setting.batch, setting.hidden], .float32, seed: 3)))
  }

  /// A whole training step: mean squared error, gradient, clipping by norm, Adam.
  ///
  /// Never inlined: where the closure is called immediately, Swift 6.3.1 moves `optimizer` from its box to the stack and
  /// destroys it there before `update`, as the SIL of an optimised build shows.
  @inline(never)
  static func trainingStep<Model: Module>(
    _ model: Model, _ x: Tensor, _ target: Tensor, _ outputs: @escaping (Model, Tensor) -> Tensor
  ) -> () -> Void {
    var model = model
    var optimizer = Adam(for: model)
    return {
      let slope = gradient(at: model) { meanSquaredError(outputs($0, x), target) }
      optimizer.update(&model, along: slope.clipped(norm: 1))
    }
  }

  private static func train<Model: Module>(
    _ group: String, _ setting: Setting, name: String? = nil, gates: Int, _ model: Model, _ x: Tensor, _ target: Tensor,
    into report: inout Report, _ outputs: @escaping (Model, Tensor) -> Tensor
  ) {
    let step = trainingStep(model, x, target, outputs)
    report.add(group, name ?? setting.name, measured(setting, gates: gates, passes: 3, report, step))
  }

  private static func measured(
    _ setting: Setting, gates: Int, passes: Int, _ report: Report, _ work: () -> Void
  ) -> Measurement {
    var measurement = report.measure(budget: 2, work)
    measurement.figures = [
      ("ms", measurement.median * 1e3),
      ("gemm_gflops", Double(setting.products(gates: gates) * passes) / measurement.median * 1e-9),
    ]
    return measurement
  }
}

/// An LSTM, written like a user's cell without knowledge of the library's own.
struct OwnCell: RecurrentCell {
  var weight: Tensor
  var recurrentWeight: Tensor
  var bias: Tensor

  init(_ inputs: Int, _ hidden: Int, using generator: inout Generator) {
    let plain = LSTMCell(inputs, hidden, using: &generator)
    (weight, recurrentWeight, bias) = (plain.inputWeight, plain.recurrentWeight, Tensor.zeros([4 * hidden]))
  }

  var hiddenSize: Int { recurrentWeight.shape[0] }

  mutating func visit(_ visitor: Visitor) {
    visitor("weight", &weight)
    visitor("recurrentWeight", &recurrentWeight)
    visitor("bias", &bias)
  }

  func project(_ x: Tensor) -> Tensor { x.matmul(weight) + bias }

  func recur(_ hidden: Tensor) -> Tensor { hidden.matmul(recurrentWeight) }

  func step(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> LSTMState {
    let z = (projected + recurred).chunks(4, axis: -1)
    let cell = z[1].sigmoid() * state.cell + z[0].sigmoid() * z[2].tanh()
    return LSTMState(hidden: z[3].sigmoid() * cell.tanh(), cell: cell)
  }

  func initialState(batch: Int, _ type: ElementType) -> LSTMState {
    LSTMState(hidden: Tensor.zeros([batch, hiddenSize], type), cell: Tensor.zeros([batch, hiddenSize], type))
  }
}

/// The cost of measuring the gradient flow in training.
struct FlowCases {
  /// Alternates training steps and measurements of the same loss, so that both see the same load of the machine. The ratio of
  /// their times is the percentage that one measurement every hundred updates adds.
  static func run(into report: inout Report) {
    for setting in [RecurrentCases.small, RecurrentCases.middle] {
      let (model, x, target) = RecurrentCases.lstm(setting)
      var (updates, measurements) = ([Double](), [Double]())
      let step = RecurrentCases.trainingStep(model, x, target) { $0($1).outputs }
      for _ in 0..<31 {
        updates.append(Measurement.once(step).median)
        measurements.append(
          Measurement.once { _ = GradientFlow(of: model, on: x) { meanSquaredError($0, target) } }.median)
      }
      let (update, measurement) = (updates.sorted()[15], measurements.sorted()[15])
      var result = Measurement(median: measurement, minimum: measurements.min() ?? 0, samples: measurements.count)
      result.figures = [("updates", measurement / update)]
      report.add("flow", setting.name, result)
    }
  }
}
