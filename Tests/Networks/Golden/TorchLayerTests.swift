import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks

/// PyTorch's recurrent layers: values, final states and every gradient, in float64 and float32.
@Suite struct TorchLayerTests {
  static let names = GoldenFile.names(in: "recurrent").filter {
    $0.contains("/torch_") && !$0.contains("cell") && !$0.contains("projection")
  }
  static let cells = GoldenFile.names(in: "recurrent").filter { $0.contains("cell_") }

  @Test func allFilesAreThere() {
    #expect(TorchLayerTests.names.count == 45 && TorchLayerTests.cells.count == 7)
  }

  @Test(arguments: names) func layersAgree(_ name: String) throws {
    let golden = try GoldenFile(name)
    switch golden.string("layer") {
    case "LSTM":
      try golden.checkBothTypes { x in
        TorchLayer(golden, x).run(cell: TorchLayer.lstm) { LSTMState(hidden: $0, cell: $1 ?? $0) }
      }
    case "GRU":
      try golden.checkBothTypes { x in TorchLayer(golden, x).run(cell: TorchLayer.gru) { h, _ in HiddenState(hidden: h) } }
    default:
      try golden.checkBothTypes { x in TorchLayer(golden, x).run(cell: TorchLayer.rnn) { h, _ in HiddenState(hidden: h) } }
    }
  }

  @Test(arguments: cells) func cellsAgree(_ name: String) throws {
    let golden = try GoldenFile(name)
    switch golden.string("cell") {
    case "LSTMCell":
      try golden.checkBothTypes { x in
        let torch = TorchLayer(golden, x)
        let next = TorchLayer.lstm(torch, "")(torch["x"], from: LSTMState(hidden: torch["h0"], cell: torch["c0"]))
        return [next.hidden, next.cell]
      }
    case "GRUCell":
      try golden.checkBothTypes { x in
        let torch = TorchLayer(golden, x)
        return [TorchLayer.gru(torch, "")(torch["x"], from: HiddenState(hidden: torch["h0"])).hidden]
      }
    default:
      try golden.checkBothTypes { x in
        let torch = TorchLayer(golden, x)
        return [TorchLayer.rnn(torch, "")(torch["x"], from: HiddenState(hidden: torch["h0"])).hidden]
      }
    }
  }

  @Test func peepholesAgree() throws {
    let golden = try GoldenFile("recurrent/reference_peephole_lstm_plain")
    try golden.checkBothTypes { x in
      let torch = TorchLayer(golden, x)
      let cell = PeepholeLSTMCell(
        inputWeight: torch["weight_ih"].transposed(), recurrentWeight: torch["weight_hh"].transposed(), bias: torch["bias"],
        peepholes: Tensor.stack(["peephole_i", "peephole_f", "peephole_o"].map { torch[$0] }))
      let layer = PeepholeLSTM(forward: [cell], isTimeFirst: true)
      let initial = LSTMState(hidden: torch["h0"], cell: torch["c0"])
      let (outputs, last) = layer(torch["x"], from: .init(cells: [initial]))
      let inputs = torch["x"].unstacked()
      var (state, cells) = (initial, [Tensor]())
      for x in inputs {
        state = cell(x, from: state)
        cells.append(state.cell)
      }
      return [outputs, last.cells[0].hidden, last.cells[0].cell, Tensor.stack(cells)]
    }
  }

  @Test func resetBeforeAgrees() throws {
    let golden = try GoldenFile("recurrent/reference_gru_reset_before_plain")
    try golden.checkBothTypes { x in
      let torch = TorchLayer(golden, x)
      let cell = GRUCell(
        inputWeight: torch["weight_ih"].transposed(), recurrentWeight: torch["weight_hh"].transposed(), bias: torch["bias"],
        reset: .before)
      let (outputs, last) = GRU(forward: [cell], isTimeFirst: true)(
        torch["x"], from: .init(cells: [HiddenState(hidden: torch["h0"])]))
      return [outputs, last.cells[0].hidden]
    }
  }
}

/// A golden file's tensors by PyTorch's names, as cells of ours.
private struct TorchLayer {
  let golden: GoldenFile
  let tensors: [String: Tensor]

  init(_ golden: GoldenFile, _ inputs: [Tensor]) {
    self.golden = golden
    tensors = Dictionary(uniqueKeysWithValues: zip(golden.differentiable, inputs))
  }

  subscript(name: String) -> Tensor { tensors[name] ?? Tensor(.nan) }

  private func weights(_ suffix: String) -> (input: Tensor, recurrent: Tensor, biases: (Tensor, Tensor)?) {
    let biases = tensors["bias_ih" + suffix].map { ($0, self["bias_hh" + suffix]) }
    return (self["weight_ih" + suffix].transposed(), self["weight_hh" + suffix].transposed(), biases)
  }

  static func lstm(_ torch: TorchLayer, _ suffix: String) -> LSTMCell {
    let (input, recurrent, biases) = torch.weights(suffix)
    return LSTMCell(inputWeight: input, recurrentWeight: recurrent, bias: biases.map { $0 + $1 })
  }

  static func gru(_ torch: TorchLayer, _ suffix: String) -> GRUCell {
    let (input, recurrent, biases) = torch.weights(suffix)
    let hidden = recurrent.shape[0]
    let bias = biases.map { $0 + Tensor.concatenate([$1[..<(2 * hidden)], Tensor.zeros([hidden], recurrent.type)], axis: 0) }
    return GRUCell(
      inputWeight: input, recurrentWeight: recurrent, bias: bias, candidateBias: biases.map { $1[(2 * hidden)...] })
  }

  static func rnn(_ torch: TorchLayer, _ suffix: String) -> RNNCell {
    let (input, recurrent, biases) = torch.weights(suffix)
    return RNNCell(
      inputWeight: input, recurrentWeight: recurrent, bias: biases.map { $0 + $1 },
      activation: torch.golden.string("nonlinearity") == "relu" ? .relu : .tanh)
  }

  /// The layer's outputs and final states as PyTorch returns them.
  func run<Cell: RecurrentCell>(
    cell: (TorchLayer, String) -> Cell, state: (Tensor, Tensor?) -> Cell.State
  ) -> [Tensor] {
    let layers = (0..<golden.integer("num_layers")).map { "_l\($0)" }
    let layer = Recurrent<Cell>(
      forward: layers.map { cell(self, $0) },
      backward: golden.truth("bidirectional") ? layers.map { cell(self, $0 + "_reverse") } : [],
      isTimeFirst: !golden.truth("batch_first"))
    let cells = tensors["h0"].map { h in
      zip(h.unstacked(), tensors["c0"]?.unstacked().map { $0 } ?? h.unstacked()).map { state($0, $1) }
    }
    let lengths = (try? golden.integers("lengths")) ?? nil
    let x = tensors["x"] ?? Tensor.zeros([])
    let (outputs, last) = layer(x, from: cells.map { .init(cells: $0) }, lengths: lengths)
    let states = (0..<(last.cells.first?.tensors.count ?? 0)).map { i in Tensor.stack(last.cells.map { $0.tensors[i] }) }
    return [outputs] + states
  }
}
