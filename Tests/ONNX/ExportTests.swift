import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

@testable import UnrollONNX

@Suite struct ExportTests {
  private func read<M: Module, each X: TensorGroup, Y: TensorGroup>(
    _ model: M, _ example: repeat each X, inputs: [String] = [], outputs: [String] = [],
    varying axes: ONNXAxes = [.batch, .time],
    of f: (M, repeat each X) throws -> Y
  ) throws -> ReadModel {
    try ReadModel(
      model.onnx(repeat each example, names: (inputs, outputs), axes, false) { (model, x: repeat each X) in
        [ExportResult(try f(model, repeat each x))]
      })
  }

  @Test func layersHaveTheirNamesAndOperators() throws {
    var generator = Generator(seed: 1)
    let model = Sequential(Linear(3, 8, using: &generator), Activation.tanh, Linear(8, 2, using: &generator))
    let file = try read(model, Tensor.ones([2, 3]), inputs: ["x"], outputs: ["y"]) { $0($1) }
    #expect(file.format == [8])
    #expect(file.operators == [17])
    #expect(file.types == ["Gemm", "Tanh", "Gemm", "Identity"])
    #expect(file.initializers == ["0.weight": [3, 8], "0.bias": [8], "2.weight": [8, 2], "2.bias": [2]])
    #expect(file.inputs == ["x[batch, 3]"])
    #expect(file.outputs == ["y[batch, 2]"])
  }

  @Test func fixedAxesStayNumbers() throws {
    var generator = Generator(seed: 1)
    let model = Linear(3, 4, using: &generator)
    let x = Tensor.ones([2, 5, 3])
    #expect(try read(model, x) { $0($1) }.outputs == ["output[batch, time, 4]"])
    #expect(try read(model, x, varying: [.batch]) { $0($1) }.outputs == ["output[batch, 5, 4]"])
    #expect(try read(model, x, varying: []) { $0($1) }.outputs == ["output[2, 5, 4]"])
  }

  @Test func recurrentLayersAreOperators() throws {
    var generator = Generator(seed: 1)
    let x = Tensor.ones([2, 5, 3])
    let lstm = LSTM(3, 4, layers: 2, bidirectional: true, using: &generator)
    let file = try read(lstm, x) { $0($1).outputs }
    let nodes = file.nodes.filter { $0.type == "LSTM" }
    #expect(nodes.map { $0.text("direction") } == ["bidirectional", "bidirectional"])
    #expect(nodes.map { $0.number("hidden_size") } == [4, 4])
    #expect(nodes.map(\.inputs.count) == [4, 4])
    #expect(file.initializers["forward.0.W"] == [2, 16, 3])
    #expect(file.initializers["forward.1.R"] == [2, 16, 4])
    #expect(!file.types.contains("Scan"))

    let gru = try read(GRU(3, 4, using: &generator), x, [5, 2], inputs: ["x", "lengths"]) { $0($1, lengths: $2).outputs }
    let node = try #require(gru.nodes.first { $0.type == "GRU" })
    #expect(node.number("linear_before_reset") == 1)
    #expect(!node.inputs[4].isEmpty)
    #expect(gru.inputs == ["x[batch, time, 3]", "lengths[batch]"])

    let cell = RNN(3, 4) { RNNCell($0, $1, activation: .scaledTanh(outer: 2, inner: 0.5), using: &generator) }
    let rnn = try read(cell, x) { $0($1).outputs }
    #expect(rnn.nodes.first { $0.type == "RNN" }?.texts("activations") == ["ScaledTanh"])
  }

  @Test func whatIsMadeOfTheInputsIsNeverKept() throws {
    var generator = Generator(seed: 1)
    let ids = Indices([3, 1, 2, 5, 4, 0], shape: [2, 3])
    let embedding = Embedding(6, 4, using: &generator)
    // Sizes are fixed, so that nothing but the values differs.
    do {
      _ = try read(embedding, ids, varying: []) { model, ids in
        Tensor.select(Mask(ids.values.map { $0 > 2 }, shape: ids.shape.followed(by: [1])), model(ids), Tensor(0))
      }
      Issue.record("a mask of ids was kept")
    } catch let error as ONNXExportError {
      #expect(error.obstacle == .mask)
    }
    let lstm = try read(LSTM(3, 4, using: &generator), Tensor.ones([2, 5, 3]), [5, 2], varying: []) {
      $0($1, lengths: $2).outputs
    }
    #expect(lstm.types.contains("Less"))
    #expect(lstm.nodes.first { $0.type == "LSTM" }?.inputs[4].isEmpty == false)
  }

  @Test func cellsWithoutOperatorsAreLoops() throws {
    var generator = Generator(seed: 1)
    let file = try read(Recurrent(3, 4) { MGUCell($0, $1, using: &generator) }, Tensor.ones([2, 5, 3])) { $0($1).outputs }
    #expect(file.types.count { $0 == "Scan" } == 1)
  }

  @Test func obstaclesAreSaid() throws {
    var generator = Generator(seed: 1)
    let (model, x) = (Linear(3, 4, using: &generator), Tensor.ones([2, 5, 3]))
    func obstacle<Y: TensorGroup>(_ f: (Linear, Tensor) throws -> Y) -> String {
      do {
        _ = try read(model, x, of: f)
        return "none"
      } catch {
        return "\(error)"
      }
    }
    #expect(
      obstacle { model, x in model(x).max().item > 0 ? model(x) : x }
        == "exportONNX: the model reads the numbers of a tensor that depends on its inputs (item, scalars(as:), a comparison, argmax), "
        + "so that other inputs could take another path")
    #expect(
      obstacle { model, x in model(x).unstacked(axis: 1).reduce(Tensor.zeros([x.shape[0], 4])) { $0 * 0.5 + $1 } }
        .hasPrefix("exportONNX: the model runs "))
    #expect(
      obstacle { model, x in model(x).matmul(Tensor.identity(4)).transposed(-2, -1).matmul(x).qr().r }
        == "exportONNX: there is no ONNX operator for qr, and none of others is written for it")
    #expect(
      obstacle { model, x in
        var generator = Generator(seed: 2)
        return model(x) * Tensor.uniform([x.shape[0], 1, 1], using: &generator)
      }.contains("a constant of shape"))
    #expect(
      throws: ONNXExportError(.arguments, "the closure's result 0 holds no tensor, and indices and numbers cannot be outputs")
    ) {
      try read(model, x) { _, _ in 3 }
    }
    #expect(
      throws: ONNXExportError(
        .mask, "the input input2 is a mask, which ONNX's recurrent operators do not take; give lengths as [Int]")
    ) {
      try read(RNN(3, 4, using: &generator), x, Mask(repeating: true, shape: [2, 5])) { $0($1, mask: $2).outputs }
    }
    #expect(throws: ONNXExportError(.arguments, "2 names do not fit 1 inputs")) {
      try read(model, x, inputs: ["a", "b"]) { $0($1) }
    }
  }
}
