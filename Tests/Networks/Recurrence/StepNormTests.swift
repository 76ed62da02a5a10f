import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

/// The norms that a program's way back says are those of the derivatives by every state, however the step is made.
@Suite struct StepNormTests {
  @Test func randomSteps() {
    for seed in 0..<80 {
      let cell = StepProgramTests.randomCell(seed, .float64)
      var generator = Generator(seed: 2000 + seed)
      let (steps, batch) = (1 + seed % 5, 1 + seed % 11)
      func draw(_ shape: Shape) -> Tensor { Tensor.normal(shape, .float64, using: &generator) }
      let (x, weights) = (draw([steps, batch, 3]), draw([steps, batch, 4]))
      let start = LSTMState(hidden: draw([batch, 4]), cell: draw([batch, 4]))
      let (_, watched, _) = watchedGradient(at: Two(first: cell, second: start)) { both in
        var states = [both.second]
        for t in 0..<steps { states.append(both.first(x[t], from: states[t])) }
        return ((Tensor.stack(states.dropFirst().map(\.hidden)) * weights).sum(), states.flatMap(\.tensors))
      }
      var network = Recurrent(forward: [cell], isTimeFirst: true)
      network.checkpointInterval = seed % 3 == 0 ? 2 : nil
      let norms = gradient(at: Two(first: network, second: network.normProbes(for: x))) { both in
        let outputs = both.first.outputs(x, from: RecurrentStates(cells: [start]), lengths: nil, norms: both.second)
        return (outputs * weights).sum()
      }.second[0]
      #expect(network.saysNorms(for: x) && norms.shape == [2, steps + 1, batch] && watched.count == 2 * (steps + 1))
      for (index, cotangent) in watched.enumerated() {
        let found = norms[index % 2, index / 2].array
        let expected = cotangent?.norm(axes: -1).array ?? NDArray.zeros([batch], .float64)
        #expect(found.isClose(to: expected, relative: 1e-11, absolute: 1e-12), "seed \(seed), \(index): \(found), \(expected)")
      }
    }
  }
}
