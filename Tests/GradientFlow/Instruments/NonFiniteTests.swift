import Testing
import UnrollArrays
import UnrollAutograd
import UnrollGradientFlow
import UnrollNetworks

/// The first number that is not finite is found where it was made.
@Suite struct NonFiniteTests {
  @Test func onTheWayForward() throws {
    // h doubles 1000 times, and overflows float32 once it is above 3.4e38 = 2^128.
    let cell = RNNCell(
      inputWeight: Tensor.ones([1, 1]), recurrentWeight: Tensor.full([1, 1], 2), bias: nil, activation: .identity)
    let x = Tensor.concatenate([Tensor.ones([1, 1, 1]), Tensor.zeros([1, 199, 1])], axis: 1)
    let flow = GradientFlow(of: cell, on: x) { $0.sum() }
    let found = try #require(flow.firstNonFinite)
    #expect(found.way == .forward && found.layer == 0 && found.step == 128 && found.place == "the state's contribution")
    #expect(
      found.description
        == "the state's contribution is the first number that is not finite, in the forward pass, layer 0, step 128")
  }

  @Test func inAGate() throws {
    var generator = Generator(seed: 1)
    var network = LSTM(2, 3, layers: 2, .float64, using: &generator)
    network.forward[1].inputWeight = network.forward[1].inputWeight * Tensor.infinite(columns: 3..<6, of: 12)
    let found = try #require(GradientFlow(of: network, on: normal([1, 4, 2], 2)) { $0.sum() }.firstNonFinite)
    #expect(found.layer == 1 && found.step == 0 && found.place == "the input's contribution")
    let input = try #require(
      GradientFlow(of: network, on: Tensor([Double.nan, 1], shape: [1, 1, 2])) { $0.sum() }.firstNonFinite)
    #expect(input.place == "input" && input.layer == nil)
  }

  /// The gate that is named is the one whose own function went wrong: a logarithm as the candidate, of a negative argument.
  @Test func inAFunctionOfSomebodysOwn() throws {
    let blocks = [0.0, 0, -1, 0].map { Tensor.full([3], $0, .float64) }
    var cell = LSTMCell(
      inputWeight: Tensor.zeros([2, 12], .float64), recurrentWeight: Tensor.zeros([3, 12], .float64),
      bias: Tensor.concatenate(blocks, axis: 0))
    cell.activations.candidate = .custom { $0.log() }
    let found = try #require(GradientFlow(of: cell, on: normal([1, 4, 2], 2)) { $0.sum() }.firstNonFinite)
    #expect(found.step == 0 && found.place == "gate g")
    let around = Recurrent(forward: [MemoryClipped(cell, bound: 2)])
    #expect(GradientFlow(of: around, on: normal([1, 4, 2], 2)) { $0.sum() }.firstNonFinite?.place == "gate g")
  }

  @Test func inTheLossAndOnTheWayBack() throws {
    let cell = RNNCell(
      inputWeight: Tensor.ones([1, 1]), recurrentWeight: Tensor.full([1, 1], 2), bias: nil, activation: .identity)
    let x = Tensor.zeros([1, 200, 1])
    let loss = GradientFlow(of: cell, on: x) { $0.sum().log() }.firstNonFinite
    #expect(loss?.way == .loss)
    // The states are 0, and the derivative by the state 128 steps before the last is 2^128.
    let back = try #require(GradientFlow(of: cell, on: x) { $0[.all, -1].sum() }.firstNonFinite)
    #expect(back.way == .backward && back.step == 199 - 128 && back.place == "the derivative by hidden")
  }
}

extension Tensor {
  /// Ones, and infinities in some columns.
  fileprivate static func infinite(columns: Range<Int>, of count: Int) -> Tensor {
    Tensor((0..<count).map { columns.contains($0) ? Double.infinity : 1 }, shape: [1, count])
  }
}
