import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks
import UnrollTestSupport

/// Weights that do not fit are named, with what is there and what should be; the model stays as it was.
@Suite struct WeightsErrorTests {
  private func mismatch<Model: Module>(
    _ state: [String: StoredArray], _ model: inout Model, from framework: Framework = .pytorch
  ) throws -> WeightsReport {
    let before = model.parameters.map { bits($0.tensor) }
    let error = #expect(throws: WeightsError.self) { try model.load(state, from: framework) }
    #expect(model.parameters.map { bits($0.tensor) } == before)
    guard case .mismatch(let report) = error else { return try #require(nil) }
    return report
  }

  @Test func missing() throws {
    var (model, state) = (Tagger(.float32), try Tagger.file("f32"))
    state["head.bias"] = nil
    state["lstm.weight_hh_l1_reverse"] = nil
    let report = try mismatch(state, &model)
    #expect(report.description == "missing: lstm.weight_hh_l1_reverse, head.bias")
  }

  @Test func unexpected() throws {
    var (model, state) = (Tagger(.float32), try Tagger.file("f32"))
    state["lstm.weight_ih_l2"] = state["lstm.weight_ih_l1"]
    state["batches"] = StoredArray([3])
    let report = try mismatch(state, &model)
    #expect(report.description == "unexpected: batches, lstm.weight_ih_l2")
  }

  @Test func misshapen() throws {
    var (model, state) = (Tagger(.float32), try Tagger.file("f32"))
    state["head.weight"] = StoredArray(NDArray.zeros([12, 4]))
    state["lstm.bias_ih_l0"] = StoredArray(NDArray.zeros([24, 1]))
    let report = try mismatch(state, &model)
    #expect(
      report.description
        == "misshapen: lstm.bias_ih_l0 is [24, 1] and should be [24], head.weight is [12, 4] and should be [4, 12]")
    #expect(report.misshapen[1].name == "head.weight" && report.misshapen[1].expected == [4, 12])
  }

  @Test func otherTypes() throws {
    var model = Tagger(.float32)
    let report = try mismatch(try Tagger.file("f64"), &model)
    #expect(report.mistyped.count == 19 && report.misshapen.isEmpty && report.missing.isEmpty)
    var state = try Tagger.file("f32")
    state["head.bias"] = StoredArray([1, 2, 3, 4])
    #expect(try mismatch(state, &model).description == "mistyped: head.bias is int64 and should be float32")
    var cast = model.cast(to: .float64)
    #expect(try cast.load(Tagger.file("f64"), from: .pytorch).isComplete)
  }

  @Test func otherArchitectures() throws {
    var generator = Generator(seed: 1)
    let lstm = try Tagger.file("f32").filter { $0.key.hasPrefix("lstm.") }
    var gru = GRU(5, 6, layers: 2, bidirectional: true, using: &generator)
    let report = try mismatch(Dictionary(uniqueKeysWithValues: lstm.map { (String($0.key.dropFirst(5)), $0.value) }), &gru)
    #expect(report.missing.isEmpty && report.unexpected.isEmpty && report.misshapen.count == 16)
    var shallow = LSTM(5, 6, using: &generator)
    let deep = LSTM(5, 6, layers: 2, bidirectional: true, using: &generator).weights(for: .pytorch)
    #expect(try mismatch(deep, &shallow).unexpected.count == 12)
    #expect(throws: WeightsError.self) { try GRU(lstm, from: .pytorch, prefix: "lstm") }
    #expect(throws: WeightsError.self) { try LSTM(lstm, from: .keras, prefix: "lstm") }
    #expect(try mismatch(shallow.weights(for: .keras), &shallow).missing.count == 4)
  }

  /// Keras's biases tell where the reset gate applies.
  @Test func otherResets() throws {
    var generator = Generator(seed: 1)
    let (after, before) = (GRU(3, 4, using: &generator), GRU(3, 4) { GRUCell($0, $1, reset: .before, using: &generator) })
    let one = #expect(throws: WeightsError.self) { try GRU(before.weights(for: .keras), from: .keras) }
    #expect(one?.description == "the weights do not fit the model:\nmisshapen: bias is [12] and should be [2, 12]")
    let two = #expect(throws: WeightsError.self) { try GRU(after.weights(for: .keras), from: .keras) { $0.reset = .before } }
    #expect(two?.description == "the weights do not fit the model:\nmisshapen: bias is [2, 12] and should be [12]")
  }

  @Test func whatFitsIsTakenWhereNobodyIsStrict() throws {
    var (model, state) = (Tagger(.float32), try Tagger.file("f32"))
    let before = model
    state["head.weight"] = StoredArray(NDArray.zeros([1, 2]))
    state["lstm.weight_hh_l0"] = nil
    state["else"] = StoredArray(NDArray.zeros([1]))
    let report = try model.load(state, from: .pytorch, strict: false)
    #expect(report.missing == ["lstm.weight_hh_l0"] && report.unexpected == ["else"])
    #expect(report.misshapen.map(\.name) == ["head.weight"])
    #expect(bits(model.head.weight) == bits(before.head.weight))
    #expect(bits(model.lstm.forward[0].recurrentWeight) == bits(before.lstm.forward[0].recurrentWeight))
    #expect(try model.embedding.table.array == state["embedding.weight"]?.array())
    #expect(try model.lstm.forward[0].inputWeight.transposed().array == state["lstm.weight_ih_l0"]?.array())
  }

  /// Shapes that decide sizes are checked before anything of those sizes is made.
  @Test func sizesThatCannotBe() {
    let cases: [([Int], [Int], String)] = [
      ([24, 5], [24], "misshapen: weight_hh_l0 is [24] and should be [4, 1]"),
      ([24, 5], [23, 6], "misshapen: weight_hh_l0 is [23, 6] and should be [20, 5]"),
      ([24, 5], [0, 1 << 40], "misshapen: weight_hh_l0 is [0, 1099511627776] and should be [4, 1]"),
      ([0, 1 << 40], [24, 6], "misshapen: weight_ih_l0 is [0, 1099511627776] and should be [24, 1099511627776]"),
      ([24, 0], [24, 6], "misshapen: weight_ih_l0 is [24, 0] and should be [24, 1]"),
    ]
    for (input, recurrent, message) in cases {
      let state = ["weight_ih_l0": NDArray.zeros(Shape(input)), "weight_hh_l0": NDArray.zeros(Shape(recurrent))]
      let error = #expect(throws: WeightsError.self) { try LSTM(state, from: .pytorch) }
      #expect(error?.description == "the weights do not fit the model:\n\(message)")
    }
    for framework in Framework.allCases {
      let nothing: [String: StoredArray] = [:]
      #expect(throws: WeightsError.self) { try LSTM(nothing, from: framework) }
      #expect(throws: WeightsError.self) { try Linear(nothing, from: framework) }
      #expect(throws: WeightsError.self) { try Embedding(nothing, from: framework) }
      #expect(throws: WeightsError.self) { try LayerNorm(nothing, from: framework) }
    }
    let cube: [String: NDArray] = ["head.weight": .zeros([2, 0, 3])]
    let error = #expect(throws: WeightsError.self) { try Linear(cube, from: .pytorch, prefix: "head") }
    #expect(
      error?.description == "the weights do not fit the model:\nmisshapen: head.weight is [2, 0, 3] and should be [2, 1]")
  }

  @Test func stackedSizesMustFollowOneAnother() throws {
    var generator = Generator(seed: 1)
    var weights = LSTM(3, 4, layers: 2, using: &generator).weights(for: .pytorch)
    weights["weight_ih_l1"] = StoredArray(NDArray.zeros([16, 5]))
    let error = #expect(throws: WeightsError.self) { try LSTM(weights, from: .pytorch) }
    #expect(
      error?.description == "the weights do not fit the model:\nmisshapen: weight_ih_l1 is [16, 5] and should be [16, 4]")
  }

  /// Of a projection its own weights decide how many features the output has.
  @Test func projectionsThatDoNotFit() {
    let cases: [([Int], [Int]?, String)] = [
      ([16, 2], nil, "missing: weight_hr_l0"), ([16, 2], [3, 4], "misshapen: weight_hh_l0 is [16, 2] and should be [16, 3]"),
      ([16, 2], [2, 5], "misshapen: weight_hr_l0 is [2, 5] and should be [2, 4]"),
      ([16, 2], [], "misshapen: weight_hr_l0 is [] and should be [1, 4]"),
      ([16, 2], [0, 4], "misshapen: weight_hr_l0 is [0, 4] and should be [1, 4]"),
    ]
    for (recurrent, projection, message) in cases {
      var state = ["weight_ih_l0": NDArray.zeros([16, 3]), "weight_hh_l0": NDArray.zeros(Shape(recurrent))]
      state["weight_hr_l0"] = projection.map { NDArray.zeros(Shape($0)) }
      let error = #expect(throws: WeightsError.self) { try ProjectedLSTM(state, from: .pytorch) }
      #expect(error?.description == "the weights do not fit the model:\n\(message)")
    }
  }

  private struct Reader<Cell: RecurrentCell>: Module {
    var encoder: Recurrent<Cell>
    var head: Linear
    mutating func visit(_ visitor: Visitor) {
      visitor("encoder", &encoder)
      visitor("head", &head)
    }
  }

  /// What a framework has not is called by its name where its weights are missing, once for a layer.
  @Test func whatAFrameworkHasNotIsSaid() throws {
    var generator = Generator(seed: 1)
    let file = LSTM(3, 4, using: &generator).weights(for: .pytorch)
    func line(_ error: WeightsError?) -> String? { error?.description.split(separator: "\n").last.map(String.init) }
    func loading<Cell: RecurrentCell>(_ layer: Recurrent<Cell>, _ framework: Framework) -> String? {
      var reader = Reader(encoder: layer, head: Linear(4, 2, using: &generator))
      return line(#expect(throws: WeightsError.self) { try reader.load(file, from: framework) })
    }
    #expect(loading(MGU(3, 4, using: &generator), .pytorch) == "not supported: PyTorch has no MGUCell (encoder)")
    #expect(
      loading(MGU(3, 4, layers: 2) { MGUCell($0, $1, reset: .before, using: &generator) }, .flax)
        == "not supported: Flax has no MGUCell whose gate applies before the product (encoder)")
    #expect(loading(CoupledLSTM(3, 4, using: &generator), .keras) == "not supported: Keras has no CoupledLSTMCell (encoder)")
    #expect(
      loading(LayerNormLSTM(3, 4, bidirectional: true, using: &generator), .onnx)
        == "not supported: ONNX has no LayerNormLSTMCell (encoder)")
    #expect(
      loading(ProjectedLSTM(3, 4) { ProjectedLSTMCell($0, $1, memory: 8, using: &generator) }, .flax)
        == "not supported: Flax has no ProjectedLSTMCell (encoder)")
    var cell = ProjectedLSTMCell(3, 4, memory: 8, using: &generator)
    #expect(
      line(#expect(throws: WeightsError.self) { try cell.load(file, from: .pytorch) })
        == "not supported: PyTorch has no ProjectedLSTMCell")
    // A file of our names fills it, and what the framework has is not said to be missing from it.
    var layer = MGU(3, 4, using: &generator)
    let report = try layer.load(layer.weights(for: .pytorch), from: .pytorch)
    #expect(report.isComplete && report.unsupported == ["PyTorch has no MGUCell"])
    #expect(report.description == "every tensor found its place")
    var known = LSTM(3, 4, using: &generator)
    #expect(try known.load(file, from: .pytorch).unsupported.isEmpty)
  }

  @Test func frameworksWithoutTheCell() async {
    let minimal = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let nothing: [String: StoredArray] = [:]
      _ = try MGU(nothing, from: .keras)
    }
    #expect(stopSentence(minimal) == "Recurrent: Keras has no MGUCell")
    let independent = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let nothing: [String: StoredArray] = [:]
      _ = try IndRNN(nothing, from: .onnx)
    }
    #expect(stopSentence(independent) == "Recurrent: ONNX has no IndRNNCell")
    let coupled = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let nothing: [String: StoredArray] = [:]
      _ = try CoupledLSTM(nothing, from: .pytorch)
    }
    #expect(stopSentence(coupled) == "Recurrent: PyTorch has no CoupledLSTMCell")
    let peephole = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let nothing: [String: StoredArray] = [:]
      _ = try PeepholeLSTM(nothing, from: .pytorch)
    }
    #expect(stopSentence(peephole) == "Recurrent: PyTorch has no PeepholeLSTMCell")
    let reset = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let nothing: [String: StoredArray] = [:]
      _ = try GRU(nothing, from: .flax) { $0.reset = .before }
    }
    #expect(stopSentence(reset) == "Recurrent: Flax has no GRUCell that resets before the product")
  }
}
