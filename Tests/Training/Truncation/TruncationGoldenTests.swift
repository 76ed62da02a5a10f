import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks
import UnrollTraining

/// An LSTM and a linear head in PyTorch's layout.
struct TorchRegressor: Module {
  var names: [String]
  var weights: [Tensor]

  init(_ array: (String) throws -> NDArray) rethrows {
    names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"].map { "lstm." + $0 } + ["head.weight", "head.bias"]
    weights = try names.map { Tensor(try array($0)) }
  }

  mutating func visit(_ visitor: Visitor) {
    for i in names.indices { visitor(names[i], &weights[i]) }
  }

  func advance(_ x: Tensor, from state: LSTM.State?) -> (outputs: Tensor, state: LSTM.State) {
    let cell = LSTMCell(
      inputWeight: weights[0].transposed(), recurrentWeight: weights[1].transposed(), bias: weights[2] + weights[3])
    return LSTM(forward: [cell])(x, from: state)
  }

  /// Σ over steps of the mean over batch and features.
  func loss(_ outputs: Tensor, _ target: Tensor) -> Tensor {
    let y = Linear(weight: weights[4].transposed(), bias: weights[5])(outputs)
    return (y - target).square().sum() / Double(target.shape[0] * target.shape[2])
  }
}

/// Truncated backpropagation by PyTorch, for every stride, depth and update of the files.
@Suite struct TruncationGoldenTests {
  /// What is done between windows, by the files' name for it.
  private static let rows: [String: @Sendable (TrainingCase, TorchRegressor) throws -> SGD<TorchRegressor>?] = [
    "none": { _, _ in nil },
    "sgd": { file, model in SGD(for: model, learningRate: try file.number("lr")) },
  ]

  @Test func everyFileHasARow() throws {
    let names = TrainingCase.names(in: "tbptt")
    #expect(names.count == 5)
    for name in names {
      let update = try TrainingCase("tbptt", name).config["update"]?.string ?? ""
      #expect(TruncationGoldenTests.rows[update] != nil, "\(name): \(update)")
    }
  }

  @Test(arguments: TrainingCase.names(in: "tbptt"))
  func windowsAgree(name: String) throws {
    let file = try TrainingCase("tbptt", name)
    let (x, target) = (Tensor(try file.array("x")), Tensor(try file.array("target")))
    let initial = LSTMState(hidden: Tensor(try file.array("h0")), cell: Tensor(try file.array("c0")))
    var model = try TorchRegressor(file.array)
    let full = valueAndGradient(at: model) { $0.loss($0.advance(x, from: .init(cells: [initial])).outputs, target) }
    expectClose(full.value, try file.array("full.loss"), "full loss")
    expectClose(full.gradient, try TorchRegressor { try file.array("full.grad." + $0) }, "full")

    let row = try #require(TruncationGoldenTests.rows[file.config["update"]?.string ?? ""])
    var optimizer = try row(file, model)
    let lengths = Truncation(stride: Int(try file.number("k1")), depth: Int(try file.number("k2")))
    var pass = TruncatedPass(steps: Int(try file.number("steps")), lengths, from: LSTM.State(cells: [initial]))
    var (j, sum) = (0, model * 0)
    while let window = pass.next(
      at: model, advance: { $0.advance(x[.all, $1], from: $2) }, loss: { $0.loss($1, target[.all, $2]) })
    {
      let bounds = try ["window.start", "window.end", "window.graph_start"].map { try file.integers($0)[j] }
      #expect(window.window.losses == bounds[0]..<bounds[1] && window.window.graph == bounds[2]..<bounds[1])
      expectClose(window.loss, try file.array("loss.window")[j], "loss \(j)")
      let state = try #require(window.initialState).cells[0]
      expectClose(state.hidden, try file.array("state.h")[j], "hidden \(j)")
      expectClose(state.cell, try file.array("state.c")[j], "cell \(j)")
      expectClose(window.gradient, try TorchRegressor { try file.array("grad." + $0)[j] }, "gradient \(j)")
      if optimizer != nil {
        expectClose(model, try TorchRegressor { try file.array("params." + $0)[j] }, "parameters \(j)")
      }
      optimizer?.update(&model, along: window.gradient)
      sum = sum + window.gradient
      j += 1
    }
    #expect(j == (try file.array("loss.window").count))
    expectClose(sum, try TorchRegressor { try file.array("grad_sum." + $0) }, "sum")
    if optimizer != nil { expectClose(model, try TorchRegressor { try file.array("params." + $0)[j] }, "last parameters") }
  }

  private func expectClose(
    _ a: Tensor, _ b: NDArray, _ comment: Comment, at location: SourceLocation = #_sourceLocation
  ) {
    #expect(a.array.isClose(to: b, relative: 1e-9, absolute: 1e-12), comment, sourceLocation: location)
  }

  private func expectClose(
    _ a: TorchRegressor, _ b: TorchRegressor, _ comment: Comment, at location: SourceLocation = #_sourceLocation
  ) {
    UnrollTrainingTests.expectClose(a, b, relative: 1e-9, absolute: 1e-12, comment, at: location)
  }
}
