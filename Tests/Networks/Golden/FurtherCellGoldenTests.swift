import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks

/// Normalised, coupled, projected and minimal cells against other systems: values, final states, memories and every gradient.
@Suite struct FurtherCellGoldenTests {
  @Test(arguments: ["fastrnns", "haste"]) func layerNormLSTM(_ form: String) throws {
    let golden = try GoldenFile("recurrent/reference_layernorm_lstm_" + form)
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let isRaw = form == "haste"
      let cell = LayerNormLSTMCell(
        inputWeight: t.turned("weight_ih"), recurrentWeight: t.turned("weight_hh"),
        bias: isRaw ? t["bias"] : t["norm_ih.bias"] + t["norm_hh.bias"],
        inputNorm: LayerNorm(scale: t["norm_ih.weight"]), recurrentNorm: LayerNorm(scale: t["norm_hh.weight"]),
        memoryNorm: LayerNorm(scale: t["norm_c.weight"], shift: t["norm_c.bias"]), memory: isRaw ? .raw : .normalized)
      return t.run(cell, from: t.memory)
    }
  }

  @Test func gateNormLSTM() throws {
    let golden = try GoldenFile("recurrent/reference_layernorm_lstm_per_gate")
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let forget = Tensor([0.0, 1, 0, 0], shape: [4, 1])
      let cell = GateNormLSTMCell(
        inputWeight: t.turned("weight_ih"), recurrentWeight: t.turned("weight_hh"),
        gateScale: t["norm_gates.weight"].reshaped([4, 4]),
        gateShift: t["norm_gates.bias"].reshaped([4, 4]) + forget.cast(to: t.type),
        memoryNorm: LayerNorm(scale: t["norm_c.weight"], shift: t["norm_c.bias"]))
      return t.run(cell, from: t.memory)
    }
  }

  @Test func layerNormGRU() throws {
    let golden = try GoldenFile("recurrent/reference_layernorm_gru_haste")
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let (bias, candidate) = t.gruBiases
      let cell = LayerNormGRUCell(
        inputWeight: t.turned("weight_ih"), recurrentWeight: t.turned("weight_hh"), bias: bias, candidateBias: candidate,
        inputNorm: LayerNorm(scale: t["norm_ih.weight"]), recurrentNorm: LayerNorm(scale: t["norm_hh.weight"]))
      return t.run(cell, from: t.hidden)
    }
  }

  @Test func layerNormRNN() throws {
    let golden = try GoldenFile("recurrent/reference_layernorm_rnn_plain")
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let cell = LayerNormRNNCell(
        inputWeight: t.turned("weight_ih"), recurrentWeight: t.turned("weight_hh"), bias: nil,
        inputNorm: LayerNorm(scale: t["norm_ih.weight"], shift: t["norm_ih.bias"]),
        recurrentNorm: LayerNorm(scale: t["norm_hh.weight"], shift: t["norm_hh.bias"]))
      return t.run(cell, from: t.hidden)
    }
  }

  @Test(arguments: ["plain", "peephole"]) func coupledLSTM(_ form: String) throws {
    let golden = try GoldenFile("recurrent/reference_coupled_lstm_" + form)
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let cell = CoupledLSTMCell(
        inputWeight: t.turned("weight_ih"), recurrentWeight: t.turned("weight_hh"), bias: t["bias"],
        peepholes: form == "plain" ? nil : Tensor.stack([t["peephole_i"], t["peephole_o"]]))
      return t.run(cell, from: t.memory)
    }
  }

  @Test func minimalGatedUnit() throws {
    let golden = try GoldenFile("recurrent/flax_mgu")
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let cell = MGUCell(
        inputWeight: Tensor.concatenate([t["if.kernel"], t["in.kernel"]], axis: 1),
        recurrentWeight: Tensor.concatenate([t["hf.kernel"], t["hn.kernel"]], axis: 1),
        bias: Tensor.concatenate([t["if.bias"], t["in.bias"]], axis: 0), candidateBias: t["hn.bias"])
      let (outputs, last) = Recurrent(forward: [cell])(t["x"], from: .init(cells: [t.hidden]))
      return [last.cells[0].hidden, outputs]
    }
  }

  @Test(arguments: ["", "_lengths", "_no_bias", "_two_layers_bidirectional"]) func projection(_ form: String) throws {
    let golden = try GoldenFile("recurrent/torch_lstm_projection" + form)
    let lengths = try golden.integers("lengths")
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      func cell(_ suffix: String) -> ProjectedLSTMCell {
        ProjectedLSTMCell(
          inputWeight: t.turned("weight_ih" + suffix), recurrentWeight: t.turned("weight_hh" + suffix),
          bias: golden.truth("bias") ? t["bias_ih" + suffix] + t["bias_hh" + suffix] : nil,
          projection: t.turned("weight_hr" + suffix))
      }
      let layers = (0..<golden.integer("num_layers")).map { "_l\($0)" }
      let layer = Recurrent(
        forward: layers.map { cell($0) }, backward: golden.truth("bidirectional") ? layers.map { cell($0 + "_reverse") } : [],
        isTimeFirst: !golden.truth("batch_first"))
      let states = zip(t["h0"].unstacked(), t["c0"].unstacked()).map { LSTMState(hidden: $0, cell: $1) }
      let (outputs, last) = layer(t["x"], from: .init(cells: states), lengths: lengths)
      return [outputs, Tensor.stack(last.cells.map(\.hidden)), Tensor.stack(last.cells.map(\.cell))]
    }
  }
}
