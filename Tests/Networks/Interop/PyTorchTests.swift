import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks

/// PyTorch's recurrent layers and cells, their weights through the converters: values, final states and every gradient, in float64.
@Suite struct PyTorchTests {
  @Test(arguments: TorchLayerTests.names) func layersAgree(_ name: String) throws {
    let golden = try GoldenFile(name)
    let (file, isTimeFirst) = (FrameworkCase(golden, .pytorch), !golden.truth("batch_first"))
    switch golden.string("layer") {
    case "LSTM": try check(file, try LSTM(file.weights, from: .pytorch, isTimeFirst: isTimeFirst))
    case "GRU": try check(file, try GRU(file.weights, from: .pytorch, isTimeFirst: isTimeFirst))
    default:
      let activation: Activation = golden.string("nonlinearity") == "relu" ? .relu : .tanh
      try check(file, try RNN(file.weights, from: .pytorch, isTimeFirst: isTimeFirst) { $0.activation = activation })
    }
  }

  /// `proj_size`: the output is a projection of the memory, by weights of its own.
  @Test(arguments: ["", "_lengths", "_no_bias", "_two_layers_bidirectional"]) func projectionsAgree(_ form: String) throws {
    let golden = try GoldenFile("recurrent/torch_lstm_projection" + form)
    let file = FrameworkCase(golden, .pytorch)
    let layer = try ProjectedLSTM(file.weights, from: .pytorch, isTimeFirst: !golden.truth("batch_first"))
    #expect(layer.layerCount == golden.integer("num_layers") && layer.isBidirectional == golden.truth("bidirectional"))
    #expect(layer.forward[0].memorySize == golden.integer("hidden_size"))
    try check(file, layer)
  }

  @Test(arguments: TorchLayerTests.cells) func cellsAgree(_ name: String) throws {
    let (golden, kind) = (try GoldenFile(name), try GoldenFile(name).string("cell"))
    let (file, hasBias) = (FrameworkCase(golden, .pytorch), golden.has("bias_ih"))
    let (inputs, hidden) = (try golden.shape("weight_ih")[1], try golden.shape("weight_hh")[1])
    var generator = Generator(seed: 1)
    switch kind {
    case "LSTMCell": try check(file, cell: LSTMCell(inputs, hidden, bias: hasBias, .float64, using: &generator))
    case "GRUCell": try check(file, cell: GRUCell(inputs, hidden, bias: hasBias, .float64, using: &generator))
    default:
      let activation: Activation = golden.string("nonlinearity") == "relu" ? .relu : .tanh
      try check(
        file, cell: RNNCell(inputs, hidden, bias: hasBias, activation: activation, .float64, using: &generator))
    }
  }

  private func check<Cell: RecurrentCell>(_ file: FrameworkCase, _ layer: Recurrent<Cell>) throws {
    let lengths = try file.golden.integers("lengths")
    try file.check(layer) { layer, inputs in
      let x = inputs["x"]
      let zeros = layer.initialState(batch: x.shape[layer.isTimeFirst ? 1 : 0], .float64).cells
      let initial = inputs.tensors["h0"].map { hidden in
        let cells = inputs.tensors["c0"] ?? hidden
        return Recurrent<Cell>.State(
          cells: zeros.enumerated().map { i, state in state.replacingTensors([hidden[i], cells[i]]) })
      }
      let (outputs, last) = layer(x, from: initial, lengths: lengths)
      var results = ["output": outputs]
      for (i, name) in ["h_n", "c_n"].enumerated() where i < zeros[0].tensors.count {
        results[name] = .stack(last.cells.map { $0.tensors[i] })
      }
      return results
    }
  }

  private func check<Cell: RecurrentCell>(_ file: FrameworkCase, cell: Cell) throws {
    var cell = cell
    try cell.load(file.weights, from: .pytorch)
    try file.check(cell) { cell, inputs in
      let zero = cell.initialState(batch: inputs["x"].shape[0], .float64)
      let state = zero.replacingTensors([inputs["h0"], inputs.tensors["c0"] ?? inputs["h0"]])
      return Dictionary(
        uniqueKeysWithValues: zip(file.golden.outputs, cell(inputs["x"], from: state).tensors))
    }
  }
}
