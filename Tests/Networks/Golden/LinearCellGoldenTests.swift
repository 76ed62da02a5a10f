import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

/// Cells on linear recurrences against other systems: values, every derivative, both types.
@Suite struct LinearCellGoldenTests {
  /// The logarithmic form has other equations for the same numbers; `g` starts it from g(h₀).
  @Test(arguments: ["plain", "log", "log_no_state", "log_g_state"]) func minGRU(_ form: String) throws {
    let golden = try GoldenFile("modern/mingru_" + form)
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let cell = MinGRUCell(inputWeight: t.turned("weight_ih"), bias: t["bias"], isPositive: form != "plain")
      return t.run(cell, from: start(t, form, cell.initialState(batch: 2, t.type)))
    }
  }

  @Test func minGRUInBothDirections() throws {
    let golden = try GoldenFile("modern/mingru_bidirectional_lengths")
    let lengths = try golden.integers("lengths")
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let cells = ["", "_reverse"].map { MinGRUCell(inputWeight: t.turned("weight_ih" + $0), bias: t["bias" + $0]) }
      return t.runBothWays(cells[0], cells[1], lengths)
    }
  }

  @Test(arguments: ["plain", "log", "log_g_state", "unnormalised"]) func minLSTM(_ form: String) throws {
    let golden = try GoldenFile("modern/minlstm_" + form)
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let cell = MinLSTMCell(
        inputWeight: t.turned("weight_ih"), bias: t["bias"], isPositive: form.hasPrefix("log"),
        isNormalized: form != "unnormalised")
      return t.run(cell, from: start(t, form, cell.initialState(batch: 2, t.type)))
    }
  }

  private func start(_ t: NamedTensors, _ form: String, _ zeros: HiddenState) -> HiddenState {
    if !t.has("h0") { return zeros }
    return HiddenState(hidden: form.hasSuffix("g_state") ? candidate(t["h0"], true) : t["h0"])
  }

  @Test(arguments: ["no_v", "v", "projected_tanh", "no_highway_no_state"]) func sru(_ form: String) throws {
    let golden = try GoldenFile("modern/sru_" + form)
    let (name, scale) = (golden.string("highway"), golden.number("scale"))
    let highway: SRUCell.Highway = name == "input" ? .input(scale: scale) : name == "projected" ? .projected : .none
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let cell = SRUCell(
        inputWeight: t.turned("weight_ih"), bias: t["bias"],
        peepholes: t.has("weight_c") ? t["weight_c"].reshaped([2, 4]) : nil, highway: highway,
        activation: golden.string("activation") == "tanh" ? .tanh : .identity)
      var state = cell.initialState(batch: 2, t.type)
      if t.has("c0") { state.cell = t["c0"] }
      return outputsAndMemory(t, cell, state)
    }
  }

  @Test(arguments: ["f", "fo", "fo_no_state", "ifo_window3"]) func qrnn(_ form: String) throws {
    let golden = try GoldenFile("modern/qrnn_" + form)
    let window = golden.integer("window")
    let pooling: QRNNCell.Pooling = ["f": .forget, "fo": .output, "ifo": .input][golden.string("pooling")] ?? .forget
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let weight = t["weight"]
      let cell = QRNNCell(
        inputWeight: weight.permuted([2, 1, 0]).reshaped([window * 3, weight.shape[0]]), bias: t["bias"], pooling: pooling,
        window: window)
      var state = cell.initialState(batch: 2, t.type)
      if t.has("c0") {
        state.cell = t["c0"]
        state.inputs = Tensor.concatenate(t["x_before"].unstacked(), axis: -1)
      }
      return outputsAndMemory(t, cell, state)
    }
  }

  @Test(arguments: ["plain", "two_heads", "first_step_unnormalised"]) func realGatedUnit(_ form: String) throws {
    let golden = try GoldenFile("modern/rglru_" + form)
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let cell = RGLRUCell(
        recurrenceWeight: t["weight_a"].transposed(1, 2), gateWeight: t["weight_x"].transposed(1, 2),
        bias: Tensor.concatenate([t["bias_a"], t["bias_x"]], axis: 0), decay: t["a_param"])
      if t.has("h0") { return t.run(cell, from: t.hidden) }
      // The first step of a segment is i u: a state that the other steps start from.
      let first = cell.project(t["x"][0]).chunks(3, axis: -1)
      let state = HiddenState(hidden: first[2].sigmoid() * first[0])
      let rest = t.run(cell, from: state, x: t["x"][1...])
      return [Tensor.concatenate([state.hidden.expandingAxis(0), rest[0]], axis: 0), rest[1]]
    }
  }

  @Test(arguments: ["learned_gamma", "learned_gamma_no_state", "computed_gamma_matrix"]) func linearUnit(_ form: String) throws
  {
    let golden = try GoldenFile("modern/lru_" + form)
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let cell = LRUCell(
        logDecay: t["nu_log"], logAngle: t["theta_log"], logScale: t.has("gamma_log") ? t["gamma_log"] : nil,
        inputWeight: Tensor.concatenate([t.turned("B_re"), t.turned("B_im")], axis: 1),
        outputWeight: Tensor.concatenate([t.turned("C_re"), -t.turned("C_im")], axis: 0),
        skipWeight: t["D"].rank == 1 ? t["D"] : t.turned("D"))
      var state = cell.initialState(batch: 2, t.type)
      if t.has("h0_re") { state.cell = Tensor.concatenate([t["h0_re"], t["h0_im"]], axis: -1) }
      let results = outputsAndMemory(t, cell, state)
      return [results[0]] + results[1].chunks(2, axis: -1)
    }
  }

  private func outputsAndMemory<Cell: RecurrentCell>(_ t: NamedTensors, _ cell: Cell, _ state: Cell.State) -> [Tensor] {
    let results = t.run(cell, from: state)
    return [results[0], results[2]]
  }
}
