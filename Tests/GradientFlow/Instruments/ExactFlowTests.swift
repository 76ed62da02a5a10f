import Testing
import UnrollArrays
import UnrollAutograd
import UnrollGradientFlow
import UnrollNetworks

/// What the theory says exactly.
@Suite struct ExactFlowTests {
  @Test(arguments: [0.5, 0.9, 1, 1.1, 1.5]) func aRotationTimesRhoGivesRhoToTheT(_ rho: Double) {
    let cell = linearCell(rotation(6, 1) * rho)
    let v = normal([6], 2)
    let flow = GradientFlow(of: cell, on: normal([1, 100, 2], 3)) { ($0[0, -1] * v).sum() }
    let (trace, last) = (flow.trace(), v.norm().item)
    for t in 0...100 { #expect(abs(trace.mean[t] / (power(rho, 100 - t) * last) - 1) < 1e-10) }
    #expect(abs(trace.factorPerStep / rho - 1) < 1e-12)
    let jacobians = StepJacobians(of: cell, on: normal([100, 2], 3))
    for value in jacobians.singularValues(lag: 100)[0] { #expect(abs(value / power(rho, 100) - 1) < 1e-10) }
    #expect(jacobians.spectralRadii.allSatisfy { abs($0 / rho - 1) < 1e-12 })
  }

  @Test(arguments: [-1.0, 0, 1, 3]) func theCarouselMultipliesForgetGates(_ bias: Double) {
    let (n, steps) = (4, 20)
    let blocks = [0, bias, 0, 0].map { Tensor.full([n], $0, .float64) }
    let cell = LSTMCell(
      inputWeight: Tensor.zeros([2, 4 * n], .float64), recurrentWeight: Tensor.zeros([n, 4 * n], .float64),
      bias: Tensor.concatenate(blocks, axis: 0))
    let start = LSTMState(hidden: normal([1, n], 4), cell: normal([1, n], 5))
    let jacobians = StepJacobians(of: cell, on: normal([steps, 2], 6), from: start)
    #expect(jacobians.parts.map(\.name) == ["hidden", "cell"])
    let forget = power(Tensor(bias, .float64).sigmoid().item, steps)
    let block = jacobians.product(from: 0, to: steps).array[n..., n...]
    #expect(block.isClose(to: NDArray.identity(n, .float64) * forget, relative: 1e-12, absolute: 0))
    let norms = jacobians.norms(of: "cell", by: "cell")
    #expect(abs(norms[steps][0] / forget - 1) < 1e-12)
    #expect(norms[0][1].isNaN && norms[7][7] == 1)
  }

  @Test func productsAreTheEndToEndJacobian() {
    check(LSTMCell(3, 4, .float64, using: &generator), 8)
    check(GRUCell(3, 4, .float64, using: &generator), 4)
    check(GRUCell(3, 4, reset: .before, .float64, using: &generator), 4)
    check(RNNCell(3, 4, .float64, using: &generator), 4)
    check(PeepholeLSTMCell(3, 4, .float64, using: &generator), 8)
    check(LeakyMemoryCell.random(3, 4, seed: 7), 8)
  }

  @Test func aStackIsOneState() {
    let network = LSTM(3, 4, layers: 2, .float64, using: &generator)
    let x = normal([6, 3], 8)
    let jacobians = StepJacobians(of: network, on: x)
    #expect(jacobians.size == 16 && jacobians.parts[3].name == "layer 1 cell")
    let direct = endToEnd(network.initialState(batch: 1, .float64), size: 16) { network(x.expandingAxis(0), from: $0).state }
    #expect(jacobians.product(from: 0, to: 6).array.isClose(to: direct, relative: 1e-10, absolute: 1e-14))
  }

  private let seed = 11
  private var generator: Generator {
    get { Generator(seed: seed) }
    nonmutating set {}
  }

  private func check<Cell: RecurrentCell>(_ cell: Cell, _ size: Int) {
    let x = normal([7, 3], 9)
    let network = Recurrent(forward: [cell])
    let direct = endToEnd(network.initialState(batch: 1, .float64), size: size) { network(x.expandingAxis(0), from: $0).state }
    for jacobians in [StepJacobians(of: cell, on: x), StepJacobians(of: network, on: x)] {
      #expect(jacobians.count == 7 && jacobians.size == size)
      #expect(jacobians.product(from: 0, to: 7).array.isClose(to: direct, relative: 1e-10, absolute: 1e-14), "\(Cell.self)")
      let values: [Double] = direct.singularValues().scalars()
      #expect(abs(jacobians.norms()[7][0] / values[0] - 1) < 1e-10)
      #expect(abs(jacobians.singularValues(lag: 7)[0][1] / values[1] - 1) < 1e-9)
    }
  }

  /// The Jacobian of a whole sequence by its pullback, one row at a time.
  private func endToEnd<S: TensorGroup>(_ start: S, size: Int, _ run: (S) -> S) -> NDArray {
    let (end, pull) = pullback(at: start, of: run)
    let rows = (0..<size).map { i in
      var first = 0
      let unit = end.mappingTensors { tensor in
        defer { first += tensor.count }
        return Tensor((0..<tensor.count).map { $0 + first == i ? 1.0 : 0 }, shape: tensor.shape)
      }
      return Tensor.concatenate(pull(unit).tensors.map { $0.reshaped([$0.count]) }, axis: 0)
    }
    return Tensor.stack(rows).array
  }
}
