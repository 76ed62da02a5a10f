import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

@Suite struct TeacherForcingTests {
  private let model = LanguageModel(6, seed: 5)

  /// What the model found likeliest, fed as targets, gives what it gives by itself.
  @Test func ownTokensAreFreeRunning() {
    let decoder = model.decoder(end: nil)
    let free = decoder.freeRunning(7, first: [0, 1, 2], from: model.state(3))
    let own = free.logits.argmax()
    #expect(free.fed == Indices([0, 1, 2].flatMap { row in [row] + own[row, ..<6].values }, shape: [3, 7]))
    let forced = decoder.teacherForced(own, first: [0, 1, 2], from: model.state(3))
    #expect(forced.fed == free.fed)
    #expect(forced.logits.array.scalars(as: Double.self) == free.logits.array.scalars(as: Double.self))
    #expect(areClose(forced.state.cells[0].cell, free.state.cells[0].cell, 0))
    #expect(decoder.greedy([0, 1, 2], from: model.state(3), maximumLength: 7).ids == own)
  }

  /// Teacher forcing is one call of the network over the whole sequence.
  @Test func forcingIsACallOverTheSequence() {
    let targets = Indices([1, 4, 0, 2, 3, 5, 5, 0], shape: [2, 4])
    let run = model.decoder(end: 5).teacherForced(targets, first: [3, 3], from: model.state(2))
    let (outputs, state) = model.lstm(model.embedding(Indices([3, 1, 4, 0, 3, 3, 5, 5], shape: [2, 4])))
    #expect(areClose(run.logits, model.output(outputs)))
    #expect(areClose(run.state.cells[0].hidden, state.cells[0].hidden))
    #expect(run.fed.values == [3, 1, 4, 0, 3, 3, 5, 5])
  }

  @Test func mixingDrawsTokenByToken() {
    let (rows, steps) = (40, 26)
    var generator = Generator(seed: 2)
    let targets = Indices((0..<(rows * steps)).map { _ in Int.random(in: 0..<6, using: &generator) }, shape: [rows, steps])
    let first = Indices(Array(repeating: 0, count: rows))
    let decoder = model.decoder(end: nil)
    func mixed(_ probability: Double, seed: Int = 1) -> DecoderRun<LSTM.State> {
      var generator = Generator(seed: seed)
      return decoder.mixed(targets, first: first, from: model.state(rows), ownProbability: probability, using: &generator)
    }
    #expect(mixed(0).fed == decoder.teacherForced(targets, first: first, from: model.state(rows)).fed)
    #expect(mixed(1).fed == decoder.freeRunning(steps, first: first, from: model.state(rows)).fed)
    #expect(mixed(0.3).fed == mixed(0.3).fed)
    #expect(mixed(0.3).fed != mixed(0.3, seed: 2).fed)
    let run = mixed(0.3)
    let (own, fed) = (run.logits.argmax().values, run.fed.values)
    var (differing, taken) = (0, 0)
    for row in 0..<rows {
      for step in 1..<steps {
        let (mine, target) = (own[row * steps + step - 1], targets.values[row * steps + step - 1])
        #expect(fed[row * steps + step] == mine || fed[row * steps + step] == target)
        if mine != target { (differing, taken) = (differing + 1, taken + (fed[row * steps + step] == mine ? 1 : 0)) }
      }
    }
    // Four standard deviations around 0.3.
    let deviation = Double(differing) * 0.3 * 0.7
    let off = Double(taken) - 0.3 * Double(differing)
    #expect(differing > 500 && off * off < 16 * deviation)
  }

  @Test func derivativesOfAnyOrder() {
    let source = Indices([1, 3, 2, 0, 2, 0, 0, 0], shape: [2, 4])
    let targets = Indices([1, 3, 2, 0], shape: [2, 2])
    let additive = Translator(4, 2, seed: 1) { AdditiveAttention(queries: $0, features: $1, units: 2, .float64, using: &$2) }
    let byAdditive = checkGradients(at: additive, order: 2, directions: 1) { model in
      let run = model.writer(end: 0).teacherForced(targets, first: [0, 0], from: model.read(source, lengths: [4, 1]))
      return crossEntropy(run.logits, targets, ignoring: 0)
    }
    #expect(byAdditive.passes, "\(byAdditive)")
    let dot = Translator(4, 2, seed: 2) { DotAttention(queries: $0, features: $1, isScaled: true, .float64, using: &$2) }
    let byDot = checkGradients(at: dot, order: 2, directions: 1) { model in
      var generator = Generator(seed: 1)
      let run = model.writer(end: 0).mixed(
        targets, first: [0, 0], from: model.read(source, lengths: [4, 2]), ownProbability: 0.5, using: &generator)
      return run.logits.logSoftmax()
    }
    #expect(byDot.passes, "\(byDot)")
  }

  /// Whole translations are independent of padding and of batch mates: values, gradients, and what is decoded.
  @Test func translationsAreTheirOwn() {
    let model = Translator(6, 3, seed: 4) { AdditiveAttention(queries: $0, features: $1, units: 4, .float64, using: &$2) }
    let targets = Indices([2, 5, 1], shape: [1, 3])
    let both = Indices([2, 5, 1, 4, 4, 4], shape: [2, 3])
    func losses(_ model: Translator<AdditiveAttention>, _ source: Indices, _ lengths: [Int]?, _ targets: Indices) -> Tensor {
      let first = Indices(Array(repeating: 0, count: targets.shape[0]))
      let run = model.writer(end: 0).teacherForced(targets, first: first, from: model.read(source, lengths: lengths))
      return crossEntropy(run.logits, targets, reduction: .none)[0].sum()
    }
    let alone = valueAndGradient(at: model) { losses($0, Indices([3, 1], shape: [1, 2]), nil, targets) }
    let padded = Indices([3, 1, 5, 5, 2, 2, 4, 1], shape: [2, 4])
    let among = valueAndGradient(at: model) { losses($0, padded, [2, 4], both) }
    #expect(areClose(alone.value, among.value))
    for (a, b) in zip(alone.gradient.tensors, among.gradient.tensors) { #expect(areClose(a, b)) }
    let writer = model.writer(end: 0)
    let one = writer.beams([0], from: model.read(Indices([3, 1], shape: [1, 2])), width: 3, maximumLength: 5)[0]
    let two = writer.beams([0, 0], from: model.read(padded, lengths: [2, 4]), width: 3, maximumLength: 5)[0]
    #expect(one.map(\.tokens) == two.map(\.tokens))
    #expect(zip(one, two).allSatisfy { isClose($0.score, $1.score) })
  }
}
