import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

/// Exponential gates and orthogonal weights against other systems: values, every derivative, both types.
@Suite struct ExponentialCellGoldenTests {
  @Test(arguments: ["exp", "sigmoid", "two_heads_no_state", "large_gates_no_state"]) func slstm(_ form: String) throws {
    let golden = try GoldenFile("modern/slstm_" + form)
    let (heads, isExponential) = (golden.integer("heads"), golden.string("forget") == "exp")
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let width = 4 / heads
      let cell = SLSTMCell(
        inputWeight: t.turned("weight_ih"),
        recurrentWeight: t["weight_hh"].permuted([1, 3, 0, 2]).reshaped([heads, width, 4 * width]), bias: t["bias"],
        forget: isExponential ? .exponential : .sigmoid)
      var state = cell.initialState(batch: 2, t.type)
      if t.has("h0") {
        state = StabilizedState(hidden: t["h0"], cell: t["c0"], normalizer: t["n0"], stabilizer: t["m0"])
      }
      let results = Array(t.run(cell, from: state).prefix(5))
      let (c, n, m) = (results[2], results[3], results[4])
      return results + [c / n, m + n.log()]
    }
  }

  @Test(arguments: ["exp", "sigmoid", "eps", "two_heads_no_state", "large_gates_no_state"])
  func mlstm(_ form: String) throws {
    let golden = try GoldenFile("modern/mlstm_" + form)
    let (heads, isExponential) = (golden.integer("heads"), golden.string("forget") == "exp")
    let epsilon = golden.number("eps")
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let width = 4 / heads
      let cell = MLSTMCell(
        inputWeight: Tensor.concatenate([t.turned("weight_qkv"), t.turned("weight_o")], axis: 1),
        gateWeight: t.turned("weight_if"), bias: Tensor.concatenate([t["bias_qkv"], t["bias_o"]], axis: 0),
        gateBias: t["bias_if"], forget: isExponential ? .exponential : .sigmoid, epsilon: epsilon)
      var state = cell.initialState(batch: 2, t.type)
      if t.has("C0") {
        state.cell = t["C0"].reshaped(state.cell.shape)
        state.normalizer = t["n0"].reshaped(state.normalizer.shape)
        state.stabilizer = t["m0"]
      }
      let results = t.run(cell, from: state)
      let memory = results[2].reshaped([2, heads, width, width])
      let (normalizer, m) = (results[3].reshaped([2, heads, width]), results[4])
      let scale = m.exp()
      return [
        results[0], memory, normalizer, m, scale.reshaped([2, heads, 1, 1]) * memory,
        scale.reshaped([2, heads, 1]) * normalizer,
      ]
    }
  }

  /// The output does not depend on how a memory is scaled.
  @Test func stabilizersAreNotFelt() {
    var generator = Generator(seed: 3)
    let x = Tensor.normal([5, 2, 3], .float64, using: &generator)
    let (slstm, mlstm) = (
      SLSTMCell(3, 4, .float64, using: &generator), MLSTMCell(3, 4, heads: 2, .float64, using: &generator)
    )
    func outputs<Cell: RecurrentCell>(_ cell: Cell, scaled: Double) -> Tensor where Cell.State == StabilizedState {
      var state = cell.initialState(batch: 2, .float64)
      var draws = Generator(seed: 4)
      state.cell = Tensor.normal(state.cell.shape, .float64, using: &draws) * Double.exp(-scaled)
      state.normalizer = Tensor.uniform(state.normalizer.shape, in: 0.5..<2, .float64, using: &draws) * Double.exp(-scaled)
      state.stabilizer = Tensor.full(state.stabilizer.shape, scaled, .float64)
      return Scan(input: x, mask: nil, isReversed: false).run(cell, from: state).outputs
    }
    for shift in [-3.0, 5] {
      #expect(outputs(slstm, scaled: shift).array.isClose(to: outputs(slstm, scaled: 0).array, relative: 1e-12))
      #expect(outputs(mlstm, scaled: shift).array.isClose(to: outputs(mlstm, scaled: 0).array, relative: 1e-12))
    }
  }

  @Test(arguments: ["exp_tanh", "cayley", "exp_modrelu"]) func orthogonal(_ form: String) throws {
    let golden = try GoldenFile("modern/orthogonal_" + form)
    let map: Orthogonal<RNNCell>.Map = golden.string("map") == "exp" ? .exponential : .cayley
    let rectifies = golden.string("activation") == "modrelu"
    try golden.checkBothTypes { x in
      let t = NamedTensors(golden, x)
      let bias = t["bias"]
      let cell = RNNCell(
        inputWeight: t.turned("weight_ih"), recurrentWeight: t.turned("A"), bias: rectifies ? nil : bias,
        activation: rectifies ? .custom { $0.sign() * ($0.magnitude() + bias).relu() } : .tanh)
      let around = Orthogonal(cell, map: map)
      return t.run(around, from: t.hidden) + [around.orthogonal(cell.recurrentWeight).transposed()]
    }
  }
}

extension Double {
  fileprivate static func exp(_ x: Double) -> Double { Tensor(x, .float64).exp().item }
}
