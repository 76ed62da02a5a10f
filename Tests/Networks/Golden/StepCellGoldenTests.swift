import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// Cells whose steps are made for gradients that travel far, against other systems: values, every derivative, both types.
@Suite struct StepCellGoldenTests {
  @Test(arguments: ["beta0", "beta1"]) func janet(_ form: String) throws {
    let golden = try GoldenFile("modern/janet_" + form)
    let margin = golden.number("beta")
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      return t.run(janet(t, "", margin), from: t.hidden)
    }
  }

  @Test func janetInBothDirections() throws {
    let golden = try GoldenFile("modern/janet_bidirectional_lengths")
    let (margin, lengths) = (golden.number("beta"), try golden.integers("lengths"))
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      return t.runBothWays(janet(t, "", margin), janet(t, "_reverse", margin), lengths)
    }
  }

  private func janet(_ t: NamedTensors, _ suffix: String, _ margin: Double) -> JANETCell {
    JANETCell(
      inputWeight: t.turned("weight_ih" + suffix), recurrentWeight: t.turned("weight_hh" + suffix), bias: t["bias" + suffix],
      margin: margin)
  }

  @Test func lightGRU() throws {
    let golden = try GoldenFile("modern/ligru_plain")
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let cell = LiGRUCell(
        inputWeight: t.turned("weight_ih"), recurrentWeight: t.turned("weight_hh"), bias: t["bias"])
      return t.run(cell, from: t.hidden)
    }
  }

  @Test(arguments: ["gated", "plain"]) func antisymmetric(_ form: String) throws {
    let golden = try GoldenFile("modern/antisymmetric_" + form)
    let (stepSize, diffusion) = (golden.number("epsilon"), golden.number("gamma"))
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let cell = AntisymmetricRNNCell(
        inputWeight: t.turned("weight_ih"), recurrentWeight: t.turned("weight_hh"), bias: t["bias"], stepSize: stepSize,
        diffusion: diffusion)
      return t.run(cell, from: t.hidden)
    }
  }

  @Test(arguments: ["explicit", "implicit"]) func coRNN(_ form: String) throws {
    let golden = try GoldenFile("modern/cornn_" + form)
    let (stepSize, frequency) = (golden.number("dt"), golden.number("gamma"))
    let (strength, isExplicit) = (golden.number("epsilon"), golden.string("damping") == "explicit")
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let cell = CoRNNCell(
        inputWeight: t.turned("weight_ih"), recurrentWeight: t.turned("weight_y"), velocityWeight: t.turned("weight_z"),
        bias: t["bias"], stepSize: stepSize, frequency: frequency, strength: strength,
        damping: isExplicit ? .explicit : .implicit)
      return Array(t.run(cell, from: LSTMState(hidden: t["y0"], cell: t["z0"])).prefix(3))
    }
  }

  @Test(arguments: ["plain", "dt_half_no_state"]) func lem(_ form: String) throws {
    let golden = try GoldenFile("modern/lem_" + form)
    let stepSize = golden.number("dt")
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let cell = LEMCell(
        inputWeight: t.turned("weight_ih"), recurrentWeight: t.turned("weight_hh"), memoryWeight: t.turned("weight_zy"),
        bias: t["bias"], stepSize: stepSize)
      let start = t.has("y0") ? LSTMState(hidden: t["y0"], cell: t["z0"]) : cell.initialState(batch: 2, t.type)
      return Array(t.run(cell, from: start).prefix(3))
    }
  }
}
