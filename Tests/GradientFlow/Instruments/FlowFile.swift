import Testing
import UnrollArrays
import UnrollAutograd
import UnrollGradientFlow
import UnrollNetworks
import UnrollTestSupport

/// One file of norms over time that another system computed in float64.
struct FlowFile {
  let name: String
  private let fixture: Fixture

  static let names = Fixture.names(in: "gradient_flow", of: .module)

  init(_ name: String) throws {
    self.name = name
    fixture = try Fixture("gradient_flow/" + name, of: .module)
  }

  func tensor(_ name: String) throws -> Tensor { Tensor(try fixture.array(name)) }
  func has(_ name: String) -> Bool { fixture.has(name) }

  /// The flow of ⟨v, h_T⟩.
  func flow() throws -> GradientFlow {
    let (input, recurrent) = (try tensor("weight_ih").transposed(), try tensor("weight_hh").transposed())
    switch fixture.string("model") {
    case "rnn":
      let activation: Activation = fixture.string("activation") == "linear" ? .identity : .tanh
      return try flow(
        RNNCell(inputWeight: input, recurrentWeight: recurrent, bias: tensor("bias"), activation: activation))
    case "lstm":
      return try flow(
        LSTMCell(inputWeight: input, recurrentWeight: recurrent, bias: tensor("bias_ih") + tensor("bias_hh")))
    default:
      let (a, b, n) = (try tensor("bias_ih"), try tensor("bias_hh"), recurrent.shape[0])
      let bias = Tensor.concatenate([a[0..<(2 * n)] + b[0..<(2 * n)], a[(2 * n)...]], axis: 0)
      return flow(
        GRUCell(inputWeight: input, recurrentWeight: recurrent, bias: bias, candidateBias: b[(2 * n)...]), try tensor("x"),
        try tensor("v"))
    }
  }

  private func flow<Cell: RecurrentCell>(_ cell: Cell) throws -> GradientFlow {
    flow(cell, try tensor("x"), try tensor("v"))
  }

  private func flow<Cell: RecurrentCell>(_ cell: Cell, _ x: Tensor, _ v: Tensor) -> GradientFlow {
    GradientFlow(of: cell, on: x.expandingAxis(0)) { outputs in (outputs[0, -1] * v).sum() }
  }
}

/// Norms over time against those of another system.
@Suite struct GoldenFlowTests {
  @Test func allFilesAreThere() { #expect(FlowFile.names.count == 14) }

  @Test(arguments: FlowFile.names) func norms(_ name: String) throws {
    let file = try FlowFile(name)
    let flow = try file.flow()
    for (part, key) in [("hidden", "norm.h"), ("cell", "norm.c")] where file.has(key) {
      let expected: [Double] = try file.tensor(key).array.scalars()
      let found = flow.trace(part).mean
      #expect(found.count == expected.count)
      for (t, (a, b)) in zip(found, expected).enumerated() {
        #expect(abs(a - b) <= 1e-9 * abs(b), "\(name), \(part) at \(t): \(a) against \(b)")
      }
    }
    #expect(flow.traces.count == (file.has("norm.c") ? 2 : 1))
    let loss = (try file.tensor("out.h_T") * file.tensor("v")).sum().item
    #expect(abs(flow.loss - loss) <= 1e-12 + 1e-9 * abs(loss))
    #expect(flow.firstNonFinite == nil)
  }
}
