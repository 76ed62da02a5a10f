import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks

/// A whole model's `state_dict` by name: PyTorch's outputs come out again, and its file byte for byte.
@Suite struct TaggerTests {
  @Test(arguments: [("f32", ElementType.float32), ("f64", .float64)])
  func outputsAreThoseOfPyTorch(_ name: String, _ type: ElementType) throws {
    var model = Tagger(type)
    let report = try model.load(Tagger.file(name), from: .pytorch)
    #expect(report.isComplete && report.description == "every tensor found its place")
    let expected = try Tagger.file(name + "_io")
    let ids = try #require(expected["ids"])
    let (logits, state) = model(try ids.indices())
    let found = [
      "out.logits": logits, "out.h_n": .stack(state.cells.map(\.hidden)), "out.c_n": .stack(state.cells.map(\.cell)),
    ]
    for (name, tensor) in found {
      let golden = try #require(try expected[name]?.array())
      let isDouble = type == .float64
      #expect(
        tensor.array.isClose(to: golden, relative: isDouble ? 1e-9 : 1e-5, absolute: isDouble ? 1e-12 : 1e-6), "\(name)")
    }
  }

  @Test(arguments: [("f32", ElementType.float32), ("f64", .float64)])
  func theFileComesOutByteForByte(_ name: String, _ type: ElementType) throws {
    var model = Tagger(type)
    let (file, path) = (try SafetensorsFile(Tagger.path(name)), Tagger.path(name))
    let state = try Tagger.file(name)
    try model.load(state, from: .pytorch)
    let bytes = try Safetensors.encode(model.weights(for: .pytorch, like: state), metadata: file.metadata)
    #expect(try bytes == Array(Data(contentsOf: URL(filePath: path))))
  }

  /// Where nobody knows the two biases, the input's is the sum and the recurrent one 0, −0 beside a −0; all frameworks' layouts lead back
  /// to the same bits.
  @Test(arguments: Framework.allCases) func everyFrameworkLeadsBack(_ framework: Framework) throws {
    var model = Tagger(.float32)
    try model.load(Tagger.file("f32"), from: .pytorch)
    model.lstm.forward[0].bias = model.lstm.forward[0].bias.map { Tensor.concatenate([[-0.0, 0], $0[2...]], axis: 0) }
    let weights = model.weights(for: framework)
    var copy = Tagger(.float32)
    try copy.load(weights, from: framework)
    for (a, b) in zip(model.parameters, copy.parameters) { #expect(bits(a.tensor) == bits(b.tensor), "\(a.name)") }
    if framework == .pytorch {
      let sum = try #require(model.lstm.forward[0].bias)
      #expect(try weights["lstm.bias_ih_l0"]?.array() == sum.array)
      let rest = try #require(try weights["lstm.bias_hh_l0"]?.array().scalars(as: Float.self))
      #expect(rest.allSatisfy { $0 == 0 } && rest.map(\.sign) == [.minus] + Array(repeating: .plus, count: rest.count - 1))
    }
  }

  @Test func changedWeightsForgetTheOriginalBiases() throws {
    var model = Tagger(.float32)
    let state = try Tagger.file("f32")
    try model.load(state, from: .pytorch)
    model.lstm.forward[1].bias = model.lstm.forward[1].bias.map { $0 + 1 }
    let weights = model.weights(for: .pytorch, like: state)
    #expect(try weights["lstm.bias_ih_l1"]?.array() == model.lstm.forward[1].bias?.array)
    #expect(try weights["lstm.bias_hh_l0"]?.array() == state["lstm.bias_hh_l0"]?.array())
  }

  @Test func layersByTheirPrefix() throws {
    let state = try Tagger.file("f64")
    var model = Tagger(.float64)
    try model.load(state, from: .pytorch)
    let lstm = try LSTM(state, from: .pytorch, prefix: "lstm.")
    let (head, embedding) = (
      try Linear(state, from: .pytorch, prefix: "head"), try Embedding(state, from: .pytorch, prefix: "embedding", padding: 0)
    )
    #expect(lstm.layerCount == 2 && lstm.isBidirectional && embedding.padding == 0)
    for (a, b) in zip(model.lstm.parameters, lstm.parameters) { #expect(bits(a.tensor) == bits(b.tensor)) }
    #expect(bits(head.weight) == bits(model.head.weight) && bits(embedding.table) == bits(model.embedding.table))
    var other = try LSTM(state, from: .pytorch, prefix: "lstm") * 0
    #expect(try other.load(state, from: .pytorch, prefix: "lstm").isComplete)
    #expect(bits(other.backward[1].inputWeight) == bits(lstm.backward[1].inputWeight))
  }

  @Test(arguments: Framework.allCases) func normalisationAndSingleCells(_ framework: Framework) throws {
    var generator = Generator(seed: 8)
    let norm = LayerNorm(scale: Tensor.normal([3], using: &generator), shift: [1, -0.0, 3])
    let copy = try LayerNorm(norm.weights(for: framework), from: framework)
    #expect(zip(norm.parameters, copy.parameters).allSatisfy { bits($0.tensor) == bits($1.tensor) })
    let cell = GRUCell(3, 4, using: &generator)
    var other = GRUCell(3, 4, using: &generator)
    try other.load(cell.weights(for: framework), from: framework)
    #expect(zip(cell.parameters, other.parameters).allSatisfy { bits($0.tensor) == bits($1.tensor) })
  }

  /// What a framework has not keeps its names and layouts here.
  @Test func layersThatAFrameworkHasNot() throws {
    var generator = Generator(seed: 8)
    let layer = PeepholeLSTM(3, 4, using: &generator)
    #expect(layer.weights(for: .pytorch).keys.sorted() == layer.parameters.map(\.name).sorted())
    let learned = LSTM(3, 4, using: &generator).learningInitialState()
    #expect(learned.weights(for: .keras).keys.sorted() == ["bias", "initial.0", "initial.1", "kernel", "recurrent_kernel"])
  }
}
