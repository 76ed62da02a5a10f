import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

/// Which cells are ONNX's operators, and with which options.
@Suite struct RecurrentOperatorTests {
  private static let activations: [(Activation, OperatorActivation?)] = [
    (.tanh, OperatorActivation(name: "Tanh")), (.relu, OperatorActivation(name: "Relu")),
    (.sigmoid, OperatorActivation(name: "Sigmoid")), (.identity, OperatorActivation(name: "Affine", alpha: 1, beta: 0)),
    (.softsign, OperatorActivation(name: "Softsign")), (.softplus, OperatorActivation(name: "Softplus")),
    (.leakyRelu(slope: 0.2), OperatorActivation(name: "LeakyRelu", alpha: 0.2)),
    (.elu(alpha: 0.7), OperatorActivation(name: "Elu", alpha: 0.7)),
    (.hardSigmoid(slope: 0.25, offset: 0.4), OperatorActivation(name: "HardSigmoid", alpha: 0.25, beta: 0.4)),
    (.scaledTanh(outer: 2, inner: 0.5), OperatorActivation(name: "ScaledTanh", alpha: 2, beta: 0.5)),
    (.affine(slope: 2, offset: 1), OperatorActivation(name: "Affine", alpha: 2, beta: 1)),
    (.custom { $0.tanh() }, OperatorActivation(name: "Tanh")),
    (.custom { $0.hardSigmoid() }, OperatorActivation(name: "HardSigmoid", alpha: 1.0 / 6, beta: 0.5)),
    // ONNX has no such function, or it cannot be seen what it is.
    (.custom { $0.sin() }, nil), (.custom { $0.tanh() + $0 }, nil), (.custom { $0.tanh().relu() }, nil),
    (.custom { $0.clipped(minimum: -1, maximum: 2).tanh() }, nil), (.custom { _ in Tensor.zeros([1, 1]) }, nil),
    (.thresholdedRelu(), nil),
  ]

  @Test(arguments: activations.indices) func activationsAreFoundByWhatTheyDo(row: Int) {
    var generator = Generator(seed: 1)
    let (activation, name) = Self.activations[row]
    let cell = RNNCell(3, 4, activation: activation, using: &generator)
    #expect(cell.recurrentOperator?.activations.first == name)
    let clipped = RNNCell(3, 4, activation: activation.clippingArguments(to: 3), using: &generator).recurrentOperator
    #expect(clipped?.activations.first == name)
    #expect(clipped?.clip == (name == nil ? nil : 3))
  }

  @Test func cellsHaveTheirOptions() throws {
    var generator = Generator(seed: 1)
    func of(_ cell: any RecurrentCell) -> RecurrentOperator? { cell.recurrentOperator }
    #expect(of(GRUCell(3, 4, using: &generator))?.resetsAfter == true)
    #expect(of(GRUCell(3, 4, reset: .before, using: &generator))?.resetsAfter == false)
    #expect(of(CoupledLSTMCell(3, 4, using: &generator))?.couplesGates == true)
    let lstm = try #require(of(LSTMCell(3, 4, using: &generator)))
    #expect(lstm.activations.map(\.name) == ["Sigmoid", "Tanh", "Tanh"])
    #expect(lstm.weights.map(\.name) == ["W", "R", "B"])
    #expect(lstm.weights.map(\.tensor.shape) == [[16, 3], [16, 4], [32]])
    #expect(of(PeepholeLSTMCell(3, 4, using: &generator))?.weights.last?.name == "P")
    // Only the arguments of gates and candidate may be clipped, and all of them alike.
    var clipped = LSTMCell(3, 4, using: &generator)
    clipped.activations = GateActivations().clippingArguments(to: 2)
    #expect(of(clipped)?.clip == 2)
    clipped.activations.gate = .sigmoid
    #expect(of(clipped)?.name == nil)
    #expect(of(MGUCell(3, 4, using: &generator))?.name == nil)
    #expect(of(Zoneout(LSTMCell(3, 4, using: &generator), hidden: 0.1))?.name == nil)
  }

  @Test func modifiersThatOnlyChangeParametersAreSeenThrough() throws {
    var generator = Generator(seed: 1)
    let cell = LSTMCell(3, 4, using: &generator)
    #expect(
      WeightDropped(cell, rate: 0.5).recurrentOperator?.weights.map(\.tensor) == cell.recurrentOperator?.weights.map(\.tensor))
    let orthogonal = try #require(Orthogonal(cell).recurrentOperator)
    let gate = orthogonal.weights[1].tensor[..<4]
    #expect(gate.matmul(gate.transposed()).isClose(to: Tensor.identity(4), absolute: 1e-6))
  }
}
