import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles

@testable import UnrollNetworks

/// Options of cells against other systems: values, final states, memories, and every gradient where the file has them.
@Suite struct OptionGoldenTests {
  @Test(arguments: ["lstm_expectation", "lstm_h_only", "lstm_expectation_zoned"]) func zoneoutOfLSTM(_ form: String) throws {
    let golden = try GoldenFile("recurrent/reference_zoneout_" + form)
    let (hidden, memory) = (golden.number("zoneout_h"), golden.number("zoneout_c"))
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      return golden.string("output_reads") == "zoned"
        ? t.run(MemoryZoneout(t.lstm, hidden: hidden, memory: memory), from: t.memory)
        : t.run(Zoneout(t.lstm, hidden: hidden, memory: memory), from: t.memory)
    }
  }

  @Test func zoneoutOfDraws() throws {
    let golden = try GoldenFile("recurrent/reference_zoneout_lstm_masks")
    let noise = try ["mask_h", "mask_c"].map { try golden.tensor($0) }
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      return t.run(
        Zoneout(t.lstm, hidden: 0.3, memory: 0.5), from: t.memory, noise: noise.map { $0.cast(to: t.type) })
    }
  }

  @Test func zoneoutWithoutMemory() throws {
    let rnn = try GoldenFile("recurrent/reference_zoneout_rnn_expectation")
    try rnn.checkBothTypes { x in
      let t = NamedTensors(rnn, x)
      return t.run(Zoneout(t.rnn, hidden: rnn.number("zoneout_h")), from: t.hidden)
    }
    let gru = try GoldenFile("recurrent/reference_zoneout_gru_expectation")
    try gru.checkBothTypes { x in
      let t = NamedTensors(gru, x)
      return t.run(Zoneout(t.gru, hidden: gru.number("zoneout_h")), from: t.hidden)
    }
  }

  /// One draw for all steps, of the inputs and of the hidden state.
  @Test func variationalDropout() throws {
    let golden = try GoldenFile("recurrent/reference_variational_lstm_masks")
    let (input, hidden) = (try golden.tensor("mask_x"), try golden.tensor("mask_h"))
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      return t.run(
        t.lstm, from: t.memory, x: t["x"] * input.cast(to: t.type), hiddenFactors: hidden.cast(to: t.type))
    }
  }

  @Test func kerasActivations() throws {
    let golden = try GoldenFile("recurrent/keras_lstm_hard_sigmoid")
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let cell = LSTMCell(
        inputWeight: t["kernel"], recurrentWeight: t["recurrent_kernel"], bias: t["bias"],
        activations: GateActivations(gate: .hardSigmoid(), candidate: .softsign, output: .softsign))
      let (outputs, last) = LSTM(forward: [cell])(t["x"], from: .init(cells: [t.memory]))
      return [outputs] + last.tensors
    }
  }

  @Test func onnxActivationsAndClip() throws {
    let names = try GateActivations(
      gate: Activation(onnx: "HardSigmoid", alpha: 0.25, beta: 0.4), candidate: Activation(onnx: "Softsign"),
      output: Activation(onnx: "Tanh"))
    for (name, activations) in [
      ("onnx_lstm_activations", names), ("onnx_lstm_clip", GateActivations().clippingArguments(to: 0.4)),
    ] {
      let golden = try GoldenFile("recurrent/" + name)
      let (input, recurrent, bias) = try golden.onnxWeights(blocks: [0, 2, 3, 1])
      let cell = LSTMCell(inputWeight: input, recurrentWeight: recurrent, bias: bias, activations: activations)
      try golden.expect(LSTM(forward: [cell], isTimeFirst: true), from: golden.onnxMemory())
    }
  }

  /// ONNX's coupled gates leave out the weights of the forget gate.
  @Test func onnxInputForget() throws {
    let golden = try GoldenFile("recurrent/onnx_lstm_input_forget")
    let (input, recurrent, bias) = try golden.onnxWeights(blocks: [0, 3, 1])
    let cell = CoupledLSTMCell(inputWeight: input, recurrentWeight: recurrent, bias: bias)
    try golden.expect(Recurrent(forward: [cell], isTimeFirst: true), from: golden.onnxMemory())
  }

  @Test func onnxClipOfGRU() throws {
    let golden = try GoldenFile("recurrent/onnx_gru_clip")
    let (input, recurrent, bias) = try golden.onnxWeights(blocks: [1, 0, 2])
    let cell = GRUCell(
      inputWeight: input, recurrentWeight: recurrent, bias: bias, reset: .before,
      activations: GateActivations().clippingArguments(to: 0.5))
    try golden.expect(
      GRU(forward: [cell], isTimeFirst: true), from: HiddenState(hidden: try golden.tensor("initial_h")[0]))
  }
}

extension GoldenFile {
  /// ONNX's weights of one direction as ours, of the given blocks in the given order, with both biases in one.
  fileprivate func onnxWeights(blocks: [Int]) throws -> (input: Tensor, recurrent: Tensor, bias: Tensor) {
    let (w, r, b) = (try tensor("W")[0], try tensor("R")[0], try tensor("B")[0])
    let gates = w.shape[0] / r.shape[1]
    func ordered(_ t: Tensor) -> Tensor {
      let parts = t.chunks(gates, axis: 0)
      return Tensor.concatenate(blocks.map { parts[$0] }, axis: 0)
    }
    let halves = b.chunks(2, axis: 0)
    return (ordered(w).transposed(), ordered(r).transposed(), ordered(halves[0] + halves[1]))
  }

  fileprivate func onnxMemory() throws -> LSTMState {
    LSTMState(hidden: try tensor("initial_h")[0], cell: try tensor("initial_c")[0])
  }

  /// The outputs and final states of a float32 system.
  fileprivate func expect<Cell: RecurrentCell>(_ layer: Recurrent<Cell>, from state: Cell.State) throws {
    let (y, last) = layer(try tensor("X"), from: .init(cells: [state]))
    let found = [y.expandingAxis(1)] + last.tensors.map { $0.expandingAxis(0) }
    for (found, expected) in zip(found, try tensors("out.", outputs)) {
      #expect(
        found.shape == expected.shape && found.array.isClose(to: expected.array, relative: 1e-5, absolute: 1e-6),
        "\(name): \(found) against \(expected)")
    }
  }
}
