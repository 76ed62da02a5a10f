import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks

/// ONNX's recurrent operators, their weights through the converters: values and final states.
@Suite struct ONNXTests {
  @Test(arguments: FrameworkFiles.covered("onnx_")) func layersAgree(_ name: String) throws {
    let golden = try GoldenFile(name)
    let (file, attributes) = (FrameworkCase(golden, .onnx), golden.config["attributes"])
    let isReversed = attributes?["direction"]?.string == "reverse"
    let isTimeFirst = attributes?["layout"]?.integer != 1
    switch golden.string("op") {
    case "LSTM" where golden.has("P"):
      try check(file, try PeepholeLSTM(file.weights, from: .onnx, isTimeFirst: isTimeFirst, isReversed: isReversed))
    case "LSTM": try check(file, try LSTM(file.weights, from: .onnx, isTimeFirst: isTimeFirst, isReversed: isReversed))
    case "GRU":
      let reset: GRUCell.Reset = attributes?["linear_before_reset"]?.integer == 1 ? .after : .before
      try check(
        file, try GRU(file.weights, from: .onnx, isTimeFirst: isTimeFirst, isReversed: isReversed) { $0.reset = reset })
    default:
      let isRelu = attributes?["activations"]?.elements.first?.string == "Relu"
      try check(
        file,
        try RNN(file.weights, from: .onnx, isTimeFirst: isTimeFirst, isReversed: isReversed) {
          $0.activation = isRelu ? .relu : .tanh
        })
    }
  }

  /// `input_forget` couples the gates: of the forget gate's weights nothing is read, and they leave as they came.
  @Test func inputForgetAgrees() throws {
    let golden = try GoldenFile("recurrent/onnx_lstm_input_forget")
    let file = FrameworkCase(golden, .onnx)
    try check(
      file, try CoupledLSTM(file.weights, from: .onnx, isTimeFirst: golden.config["attributes"]?["layout"]?.integer != 1))
  }

  private func check<Cell: RecurrentCell>(_ file: FrameworkCase, _ layer: Recurrent<Cell>) throws {
    try file.checkWayOut(layer)
    let golden = file.golden
    let x = try golden.tensor("X")
    let (directions, batch) = (layer.isBidirectional ? 2 : 1, x.shape[layer.isTimeFirst ? 1 : 0])
    func states(_ name: String) throws -> [Tensor]? {
      golden.has(name) ? try golden.tensor(name).unstacked(axis: layer.isTimeFirst ? 0 : 1) : nil
    }
    var initial: Recurrent<Cell>.State?
    if let hidden = try states("initial_h") {
      let cells = try states("initial_c") ?? hidden
      initial = .init(
        cells: layer.initialState(batch: batch, x.type).cells.enumerated()
          .map { i, state in state.replacingTensors([hidden[i], cells[i]]) })
    }
    let (outputs, last) = layer(x, from: initial, lengths: try golden.integers("sequence_lens"))
    let split = outputs.reshaped([outputs.shape[0], outputs.shape[1], directions, layer.forward[0].hiddenSize])
    var values = ["Y": layer.isTimeFirst ? split.transposed(1, 2) : split]
    for (i, name) in ["Y_h", "Y_c"].enumerated() where golden.outputs.contains(name) {
      values[name] = .stack(last.cells.map { $0.tensors[i] }, axis: layer.isTimeFirst ? 0 : 1)
    }
    try golden.check(values: values)
  }
}
