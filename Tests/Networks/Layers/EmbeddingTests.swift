import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// Looking vectors up, padding, and tables that serve twice.
@Suite struct EmbeddingTests {
  private func embedding(padding: Int? = nil) -> Embedding {
    var generator = Generator(seed: 1)
    return Embedding(5, 3, padding: padding, .float64, using: &generator)
  }

  @Test func rowsOfIds() {
    let layer = embedding()
    let ids = Indices([4, 0, 4, 2], shape: [2, 2])
    let vectors = layer(ids)
    #expect(vectors.shape == [2, 2, 3])
    #expect(vectors.array[0, 0] == layer.table.array[4] && vectors.array[1, 1] == layer.table.array[2])
    #expect(layer([]).shape == [0, 3])
    #expect(layer(Indices([3], shape: [])).array == layer.table.array[3])
    #expect(layer.parameters.map(\.name) == ["table"] && layer.audit() == nil && embedding(padding: 1).audit() == nil)
    let report = checkGradients(at: layer, everyElement: true) { $0(ids).square() }
    #expect(report.passes, "\(report)")
  }

  @Test func initialisation() {
    var generator = Generator(seed: 2)
    let numbers = Embedding(400, 100, using: &generator).table.array.cast(to: .float64)
    #expect(abs(numbers.mean().item) < 5 / 200 && abs(numbers.variance().item - 1) < 5 * 2.0.squareRoot() / 200)
    let constant = Embedding(4, 2, padding: 3, initializer: .constant(7), using: &generator)
    #expect(constant.table.array == [[7, 7], [7, 7], [7, 7], [0, 0]])
  }

  @Test func paddingStaysZero() {
    let layer = embedding(padding: 2)
    let ids = Indices([2, 0, 1, 2, 2, 4], shape: [2, 3])
    let zeros = NDArray.zeros([3], .float64)
    #expect(layer(ids).array[0, 0] == zeros && layer(ids).array[1, 1] == zeros)
    let slope = gradient(at: layer) { ($0(ids) * 3 + 1).square().sum() }.table.array
    #expect(slope[2] == zeros && slope[3] == zeros)
    #expect(slope[0].isClose(to: layer.table.array[0] * 18 + 6, relative: 1e-14))
    let push = tangent(at: layer, along: layer * 0 + Embedding(table: Tensor.ones([5, 3], .float64))) { $0(ids) }.tangent.array
    #expect(push[0, 0] == zeros && push[0, 1] == zeros + 1)
  }

  /// An id is dropped everywhere or nowhere, and as often as it should.
  @Test func wordsAreDroppedWhole() {
    let layer = embedding()
    let ids = Indices((0..<20).map { $0 % 5 }, shape: [4, 5])
    let whole = layer(ids).array
    var generator = Generator(seed: 4)
    var dropped = 0
    for _ in 0..<200 {
      let vectors = layer(ids, dropout: 0.2, using: &generator).array
      for id in 0..<5 {
        let isDropped = vectors[0, id] == NDArray.zeros([3], .float64)
        if isDropped { dropped += 1 }
        for row in 0..<4 {
          let wanted = isDropped ? NDArray.zeros([3], .float64) : whole[row, id] * 1.25
          #expect(vectors[row, id].isClose(to: wanted, relative: 1e-15))
        }
      }
    }
    #expect(abs(Double(dropped) / 1000 - 0.2) < 5 * (0.2 * 0.8 / 1000).squareRoot(), "\(dropped)")
    #expect(generator.counter == 1000)
    #expect(layer(ids, dropout: 0, using: &generator).array == whole && generator.counter == 1000)
    let start = generator
    let report = checkGradients(at: layer, everyElement: true) { layer in
      var generator = start
      return layer(ids, dropout: 0.4, using: &generator).square()
    }
    #expect(report.passes, "\(report)")
  }

  @Test(arguments: [("embedding_padding", 0), ("embedding_repeated", nil as Int?)])
  func agreesWithAnotherSystem(_ name: String, _ padding: Int?) throws {
    let golden = try GoldenLayer(name)
    let ids = try golden.indices("ids")
    try golden.check(["weight"]) { Embedding(table: $0[0], padding: padding)(ids) }
  }

  /// A model whose output weights are the transposed table of its input.
  private struct Tied: Module {
    var embedding: Embedding
    mutating func visit(_ visitor: Visitor) { visitor("embedding", &embedding) }
    func callAsFunction(_ ids: Indices) -> Tensor {
      embedding(ids).tanh().matmul(embedding.table.transposed()).logSoftmax()
    }
  }

  @Test func tiedWeightsHaveOneSummedGradient() {
    let model = Tied(embedding: embedding())
    let ids: Indices = [1, 3, 3, 0]
    #expect(model(ids).shape == [4, 5] && model.parameters.map(\.name) == ["embedding.table"])
    let report = checkGradients(at: model, everyElement: true) { $0(ids) }
    #expect(report.passes, "\(report)")
    let weights = Tensor(NDArray.range(20, .float64).reshaped([4, 5]))
    let together = gradient(at: model) { ($0(ids) * weights).sum() }.embedding.table
    let apart = gradient(at: [model.embedding.table, model.embedding.table]) { tables in
      let scores = tables[0].gathered(rows: ids).tanh().matmul(tables[1].transposed())
      return (scores.logSoftmax() * weights).sum()
    }
    #expect(together.array.isClose(to: (apart[0] + apart[1]).array, relative: 1e-12))
    #expect(apart.allSatisfy { $0.array.norm().item > 0.1 })
  }

  @Test func misuseMessages() async {
    let id = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Embedding(table: Tensor.ones([5, 2]))(Indices([1, 7], shape: [1, 2]))
    }
    #expect(stopSentence(id) == "gathered(rows:): index 7 at position [0, 1] is out of range for extent 5")
    let padding = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Embedding(table: Tensor.ones([5, 2]), padding: 5)
    }
    #expect(stopSentence(padding) == "Embedding: the padding 5 is not an id of a vocabulary of 5")
    let table = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Embedding(table: Tensor.ones([5]))
    }
    #expect(stopSentence(table) == "Embedding: a table of shape [5] is not a matrix [vocabulary, features]")
    let replaced = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var layer = Embedding(table: Tensor.ones([5, 2]))
      layer.table = Tensor.ones([7])
      _ = layer(Indices([0, 1]))
    }
    #expect(stopSentence(replaced) == "Embedding: a table of shape [7] is not a matrix [vocabulary, features]")
    let rate = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Embedding(table: Tensor.ones([5, 2]))(Indices([0, 1]), dropout: 1.5, using: &generator)
    }
    #expect(stopSentence(rate) == "Dropout: a rate of 1.5 is not in 0..<1")
    let extents = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Embedding(0, 2, using: &generator)
    }
    #expect(stopSentence(extents) == "Embedding: 0 ids of 2 features do not make a table")
  }
}
