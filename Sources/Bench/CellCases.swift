import Unroll
import UnrollArrays
import UnrollNetworks

/// Cells side by side: a training step of a layer over sequences, and one step of the prepared layer at batch 1.
enum CellCases {
  static func run(into report: inout Report) {
    let long = RecurrentCases.Setting(32, 512, 256, 256)
    for setting in [RecurrentCases.middle, long] {
      add("LSTM", setting, into: &report) { LSTMCell($0, $1, using: &$2) }
      add("minGRU", setting, into: &report) { MinGRUCell($0, $1, using: &$2) }
    }
    let setting = RecurrentCases.middle
    add("RNN", setting, into: &report) { RNNCell($0, $1, using: &$2) }
    add("orthogonal_RNN", setting, into: &report) { Orthogonal(RNNCell($0, $1, using: &$2)) }
    add("GRU", setting, into: &report) { GRUCell($0, $1, using: &$2) }
    add("sLSTM", setting, into: &report) { SLSTMCell($0, $1, using: &$2) }
    add("mLSTM", setting, into: &report) { MLSTMCell($0, $1, heads: 4, using: &$2) }
    add("minLSTM", setting, into: &report) { MinLSTMCell($0, $1, using: &$2) }
    add("QRNN", setting, into: &report) { QRNNCell($0, $1, using: &$2) }
    add("SRU", setting, into: &report) { SRUCell($0, $1, using: &$2) }
    add("RG-LRU", setting, into: &report) { RGLRUCell($0, $1, using: &$2) }
    add("LRU", setting, into: &report) { LRUCell($0, $1, using: &$2) }
  }

  private static func add<Cell: RecurrentCell>(
    _ name: String, _ setting: RecurrentCases.Setting, into report: inout Report,
    make: (Int, Int, inout Generator) -> Cell
  ) {
    var generator = Generator(seed: 1)
    let (_, x, target) = RecurrentCases.lstm(setting)
    let model = Recurrent(setting.inputs, [setting.hidden], isTimeFirst: true) { make($0, $1, &generator) }
    var training = report.measure(budget: 1, RecurrentCases.trainingStep(model, x, target) { $0($1).outputs })
    training.figures = [
      ("ms", training.median * 1e3), ("tokens_per_second", Double(setting.batch * setting.time) / training.median),
    ]
    report.add("cells", "\(name)_train_\(setting.name)", training)
    let (stream, row) = (model.prepared(), Tensor(noise([1, setting.inputs], .float32, seed: 2)))
    var state = stream.initialState(batch: 1)
    var step = report.measure(budget: 0.5) { _ = stream(row, state: &state) }
    step.figures = [("us", step.median * 1e6)]
    report.add("cells", "\(name)_step_1x1x\(setting.inputs)x\(setting.hidden)", step)
  }
}
