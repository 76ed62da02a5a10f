import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

/// Cells for steps at any distance in time against other systems: values, every derivative, both types.
@Suite struct IrregularTimeGoldenTests {
  @Test(arguments: ["default", "no_gate", "no_backbone", "pure"]) func closedForm(_ name: String) throws {
    let golden = try GoldenFile("modern/cfc_" + name)
    let mode = golden.string("mode")
    let form: CfCCell.Form = mode == "pure" ? .pure : mode == "no_gate" ? .ungated : .gated
    let count = golden.integer("backbone_layers")
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let names = form == .pure ? ["ff1"] : ["ff1", "ff2", "time_a", "time_b"]
      let heads = Linear(
        weight: Tensor.concatenate(names.map { t.turned($0 + ".weight") }, axis: 1),
        bias: Tensor.concatenate(names.map { t[$0 + ".bias"] }, axis: 0))
      let backbone = (0..<count).map { Linear(weight: t.turned("backbone.\($0).weight"), bias: t["backbone.\($0).bias"]) }
      let layers = backbone + [heads]
      let cell = CfCCell(
        inputWeight: layers[0].weight[..<3], recurrentWeight: layers[0].weight[3...], bias: layers[0].bias,
        layers: Array(layers.dropFirst()), form: form, rate: form == .pure ? t["w_tau"] : nil,
        amplitude: form == .pure ? t["A"] : nil)
      return t.run(cell, from: t.hidden, x: Tensor.concatenate([t["x"], t["dt"].expandingAxis(2)], axis: 2))
    }
  }

  @Test func decayingGRU() throws {
    let golden = try GoldenFile("modern/gru_decay_plain")
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let cell = Decaying(t.gru, decay: Tensor.stack([t["decay_weight"], t["decay_bias"]]))
      return t.run(cell, from: t.hidden, x: Tensor.concatenate([t["x"], t["dt"].expandingAxis(2)], axis: 2))
    }
  }

  @Test(arguments: ["missing", "missing_no_state"]) func missingInputs(_ form: String) throws {
    let golden = try GoldenFile("modern/gru_d_" + form)
    let times = try golden.tensor("times")
    let shape = try golden.shape("x")
    let marks = Tensor(try #require(try golden.integers("mask")).map { Double($0) }, shape: shape)
    let gaps = Tensor.concatenate([times[..<1] * 0, times[1...] - times[..<(shape[0] - 1)]], axis: 0).expandingAxis(2)
    let means = try golden.tensor("x_mean")
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let cell = GRUDCell(
        inputWeight: t.turned("weight_ih"), maskWeight: t.turned("weight_mask"), recurrentWeight: t.turned("weight_hh"),
        bias: t["bias"], inputDecay: Tensor.stack([t["decay_x_weight"], t["decay_x_bias"]]),
        hiddenDecay: Tensor.concatenate([t.turned("decay_h_weight"), t["decay_h_bias"].expandingAxis(0)], axis: 0),
        means: means.cast(to: t.type))
      var state = cell.initialState(batch: shape[1], t.type)
      if t.has("h0") { state.hidden = t["h0"] }
      let (marks, gaps) = (marks.cast(to: t.type), gaps.cast(to: t.type))
      let results = t.run(cell, from: state, x: Tensor.concatenate([t["x"], marks, gaps], axis: 2))
      // The times since the last observations, as they are when a step begins.
      let elapsed = results[5]
      let since = Tensor.concatenate([elapsed[..<1] * 0, elapsed[..<(shape[0] - 1)]], axis: 0) + gaps
      return [results[0], results[1], since]
    }
  }
}
