import Testing
import UnrollArrays
import UnrollAutograd
import UnrollGradientFlow
import UnrollNetworks

/// Norms against derivatives that are taken in other ways.
@Suite struct FlowTests {
  private let x = normal([3, 6, 2], 20)

  @Test func theNormByTheFirstStateIsThatOfItsGradient() {
    var generator = Generator(seed: 1)
    check(GRU(2, 4, layers: 2, bidirectional: true, .float64, using: &generator))
    check(LSTM(2, 4, .float64, using: &generator))
    check(Recurrent(forward: [LeakyMemoryCell.random(2, 4, seed: 3)]))
  }

  @Test func theParametersNormsAreThoseOfTheGradient() {
    var generator = Generator(seed: 2)
    let network = LSTM(2, 4, layers: 2, .float64, using: &generator)
    for divides in [false, true] {
      let flow = GradientFlow(of: network, on: x, dividesParameters: divides, loss: loss)
      let direct = gradient(at: network) { loss($0(x).outputs) }
      #expect(flow.parameters.map(\.name) == direct.parameters.map(\.name))
      for (found, expected) in zip(flow.parameters, direct.norms()) { #expect(isNear(found.norm, expected.norm)) }
      let forget = direct.forward[1].recurrentWeight[.all, 4..<8].norm().item
      #expect(flow.parameters[4].gates.map(\.gate) == ["i", "f", "g", "o"])
      #expect(isNear(flow.parameters[4].gates[1].norm, forget))
      #expect(flow.parameters[0].steps.count == (divides ? 6 : 0))
    }
  }

  @Test func stepsPartsSumToTheGradient() {
    var generator = Generator(seed: 3)
    let cell = RNNCell(2, 4, .float64, using: &generator)
    let x = x[0..<1]
    let flow = GradientFlow(of: cell, on: x, dividesParameters: true, loss: loss)
    // One row: step t's part is the outer product of the state before and of the derivative by what tanh takes.
    let states = Recurrent(forward: [cell])(x).outputs[0]
    let slopes = gradient(at: Tensor.zeros([6, 4], .float64)) { probes in
      var h = Tensor.zeros([1, 4], .float64)
      let outputs = (0..<6).map { t in
        h = (cell.project(x[0..., t]) + cell.recur(h) + probes[t..<(t + 1)]).tanh()
        return h
      }
      return loss(Tensor.stack(outputs, axis: 1))
    }
    var sum = Tensor.zeros([4, 4], .float64)
    for t in 0..<6 {
      let before = t == 0 ? Tensor.zeros([4], .float64) : states[t - 1]
      let part = before.reshaped([4, 1]).matmul(slopes[t].reshaped([1, 4]))
      #expect(isNear(flow.parameters[1].steps[t], part.norm().item))
      sum = sum + part
    }
    #expect(isNear(flow.parameters[1].norm, sum.norm().item))
  }

  @Test func aUsersCellIsMeasuredLikeAnyOther() {
    let cell = LeakyMemoryCell.random(2, 4, seed: 5)
    let v = normal([4], 6)
    let flow = GradientFlow(of: cell, on: x[0..<1], dividesParameters: true) { ($0[0, -1] * v).sum() }
    #expect(flow.traces.map(\.part) == ["hidden", "memory"])
    // The total derivative by the memory is the row of the end-to-end Jacobian by it, plus that by h through h = m g.
    let jacobians = StepJacobians(of: cell, on: x[0])
    let states = Recurrent(forward: [cell]).trajectory(x[0..<1]).states.cells[0]
    let gates = (states.hidden / states.memory).array[0]
    for t in 0...6 {
      let rows = v.reshaped([1, 4]).array.matmul(jacobians.product(from: t, to: 6).array[0..<4])
      #expect(isNear(flow.trace("hidden").mean[t], rows[.all, 0..<4].norm().item))
      let memory = t == 0 ? rows[.all, 4..<8] : rows[.all, 4..<8] + rows[.all, 0..<4] * gates[t - 1]
      #expect(isNear(flow.trace("memory").mean[t], memory.norm().item))
    }
    #expect(flow.parameters.map { $0.steps.count } == [6, 6])
    #expect(flow.parameters[1].gates.map(\.gate) == ["g"])
    #expect(GateSaturation(of: Recurrent(forward: [cell]), on: x).gates.map(\.gate) == ["g"])
    #expect(LyapunovSpectrum(of: cell, on: x[0]).exponents.count == 8)
  }

  @Test func rowsAreAveragedAndTheirSpreadKept() {
    let cell = linearCell(rotation(4, 7) * 0.9)
    let v = normal([3, 4], 8)
    let trace = GradientFlow(of: cell, on: x) { ($0[.all, -1] * v).sum() }.trace()
    let norms: [Double] = v.norm(axes: 1).array.scalars()
    #expect(isNear(trace.mean[6], norms.reduce(0, +) / 3) && isNear(trace.mean[0], norms.reduce(0, +) / 3 * power(0.9, 6)))
    #expect(isNear(trace.least[6], norms.min() ?? 0) && isNear(trace.greatest[6], norms.max() ?? 0))
  }

  @Test func rowsThatHaveEndedAreLeftOut() {
    let cell = linearCell(rotation(4, 7))
    let network = Recurrent(forward: [cell])
    let trace = GradientFlow(of: network, on: x, lengths: [6, 2, 4]) { $0.sum() }.trace()
    // By the state after step t, whatever follows in the row: for row 1 nothing but its own output at its last step.
    #expect(isNear(trace.least[2], 2))
    let alone = GradientFlow(of: network, on: x[0..<1]) { $0.sum() }.trace()
    #expect(isNear(trace.mean[6], alone.mean[6]) && isNear(trace.mean[5], alone.mean[5]))
  }

  @Test func inputsWithoutABatchAndLearnedStates() {
    var generator = Generator(seed: 4)
    let network = GRU(2, 4, .float64, using: &generator)
    let a = GradientFlow(of: network, on: x[0]) { $0[-1].sum() }
    let b = GradientFlow(of: network, on: x[0..<1]) { $0[0, -1].sum() }
    let c = GradientFlow(of: network.learningInitialState(), on: x[0..<1]) { $0[0, -1].sum() }
    for (found, expected) in zip(a.trace().mean + c.trace().mean, b.trace().mean + b.trace().mean) {
      #expect(isNear(found, expected))
    }
    #expect(isNear(c.parameters.last?.norm ?? 0, b.trace().mean[0]))
  }

  private func check<Cell: RecurrentCell>(_ network: Recurrent<Cell>) {
    let start = network.initialState(batch: 3, .float64).mappingTensors { normal($0.shape, 9) }
    let flow = GradientFlow(of: network, on: x, from: start, loss: loss)
    let direct = gradient(at: start) { loss(network(x, from: $0).outputs) }
    var position = 0
    for state in direct.cells {
      let hidden: [Double] = state.hidden.norm(axes: 1).array.scalars()
      let trace = flow.traces[position]
      #expect(trace.part == "hidden" && isNear(trace.mean[0], hidden.reduce(0, +) / 3), "\(Cell.self) \(trace.name)")
      position += state.tensors.count
    }
    #expect(position == flow.traces.count)
  }

  private func loss(_ outputs: Tensor) -> Tensor { (outputs * normal(outputs.shape, 30)).sum() }
}

func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-10 * abs(b) }
