import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

@testable import UnrollNetworks

/// What cannot be decoded, each in one sentence.
@Suite struct DecodingMessageTests {
  static func decoder(end: Int? = 2) -> TokenDecoder<Tensor> { TokenDecoder(vocabulary: 3, end: end) { _, state in state } }

  static var state: Tensor { Tensor.zeros([2, 3]) }

  @Test func tokens() async {
    let end = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DecodingMessageTests.decoder(end: 3)
    }
    #expect(stopSentence(end) == "TokenDecoder: the end token 3 is not one of 3 tokens")
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = TokenDecoder(vocabulary: 0, end: nil) { (_: Indices, state: inout Tensor) in state }
    }
    #expect(stopSentence(empty) == "TokenDecoder: a vocabulary of 0 has no tokens")
    let first = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DecodingMessageTests.decoder().greedy([0, 7], from: DecodingMessageTests.state, maximumLength: 3)
    }
    #expect(stopSentence(first) == "greedy: the id 7 is not one of 3 tokens")
    let target = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let targets = Indices([1, 0, -1, 2], shape: [2, 2])
      _ = DecodingMessageTests.decoder().teacherForced(targets, first: [0, 0], from: DecodingMessageTests.state)
    }
    #expect(stopSentence(target) == "teacherForced: the id -1 is not one of 3 tokens")
    let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DecodingMessageTests.decoder().teacherForced([1, 0], first: [0, 0], from: DecodingMessageTests.state)
    }
    #expect(stopSentence(shape) == "teacherForced: targets of shape [2] are not [2 rows, steps]")
    let rows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let first = Indices([1, 0], shape: [2, 1])
      _ = DecodingMessageTests.decoder().greedy(first, from: DecodingMessageTests.state, maximumLength: 3)
    }
    #expect(stopSentence(rows) == "greedy: first tokens of shape [2, 1] are not a vector with one token per row")
  }

  @Test func searches() async {
    let width = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DecodingMessageTests.decoder().beams([0, 0], from: DecodingMessageTests.state, width: 0, maximumLength: 3)
    }
    #expect(stopSentence(width) == "beams: a width of 0 keeps no hypotheses")
    let exponent = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DecodingMessageTests.decoder().beams(
        [0, 0], from: DecodingMessageTests.state, width: 2, maximumLength: 3, lengthExponent: -1)
    }
    #expect(stopSentence(exponent) == "beams: a length exponent of -1.0 is negative or not finite")
    let length = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DecodingMessageTests.decoder().greedy([0, 0], from: DecodingMessageTests.state, maximumLength: 0)
    }
    #expect(stopSentence(length) == "greedy: a maximum length of 0 leaves no room for a token")
    let scores = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let state = Tensor.full([2, 3], .nan)
      _ = DecodingMessageTests.decoder().greedy([0, 0], from: state, maximumLength: 3)
    }
    #expect(
      stopSentence(scores) == "greedy: the logits of a row hold NaN or +∞, or are −∞ everywhere")
  }

  @Test func draws() async {
    let temperature = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = DecodingMessageTests.decoder().sampled(
        [0, 0], from: DecodingMessageTests.state, maximumLength: 3, temperature: 0, using: &generator)
    }
    #expect(stopSentence(temperature) == "sampled: a temperature of 0.0 is not a finite number above 0")
    let count = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = DecodingMessageTests.decoder().sampled(
        [0, 0], from: DecodingMessageTests.state, maximumLength: 3, count: 0, using: &generator)
    }
    #expect(stopSentence(count) == "sampled: a count of 0 leaves no tokens to draw from")
    let mass = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = DecodingMessageTests.decoder().sampled(
        [0, 0], from: DecodingMessageTests.state, maximumLength: 3, mass: 1.5, using: &generator)
    }
    #expect(stopSentence(mass) == "sampled: a mass of 1.5 is not above 0 and at most 1")
    let own = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = DecodingMessageTests.decoder().mixed(
        Indices([1, 0], shape: [2, 1]), first: [0, 0], from: DecodingMessageTests.state, ownProbability: 2, using: &generator)
    }
    #expect(stopSentence(own) == "mixed: a probability of 2.0 for own tokens is not in 0...1")
  }

  @Test func states() async {
    let rows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DecodingMessageTests.decoder().greedy([0, 0, 1], from: DecodingMessageTests.state, maximumLength: 3)
    }
    #expect(stopSentence(rows) == "greedy: a state of shape [2, 3] does not fit 3 rows")
    let logits = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DecodingMessageTests.decoder().freeRunning(2, first: [0, 0], from: Tensor.zeros([2, 4]))
    }
    #expect(stopSentence(logits) == "freeRunning: logits of shape [2, 4] do not fit 2 rows and 3 tokens")
    let bridge = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let gru = GRU(3, 4, using: &generator)
      _ = StateBridge(from: gru, to: gru, using: &generator)(GRU(3, 5, using: &generator).initialState(batch: 2))
    }
    #expect(stopSentence(bridge) == "StateBridge: a state of widths [[5]] does not match the encoder's widths [[4]]")
    let both = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let gru = GRU(3, 4, bidirectional: true, using: &generator)
      _ = StateBridge(from: gru, to: gru, using: &generator)
    }
    #expect(stopSentence(both) == "StateBridge: a decoder cannot run in both directions")
    let backward = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let gru = GRU(3, 4, bidirectional: true, using: &generator)
      var state = gru.initialState(batch: 2)
      _ = gru.next(Tensor.ones([2, 3]), state: &state)
    }
    #expect(
      stopSentence(backward)
        == "next: a network that runs backward in time needs the whole sequence and cannot run single steps")
  }

  @Test func attention() async {
    let length = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DotAttention().memory(Tensor.ones([2, 5, 4]), lengths: [5, 6])
    }
    #expect(stopSentence(length) == "attention: a length of 6 is not in 1...5")
    let mask = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DotAttention().memory(Tensor.ones([2, 2, 4]), mask: Mask([true, true, false, false], shape: [2, 2]))
    }
    #expect(stopSentence(mask) == "attention: the mask excludes every step of row 1")
    let width = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DotAttention()(Tensor.ones([2, 3]), over: DotAttention().memory(Tensor.ones([2, 5, 4])))
    }
    #expect(stopSentence(width) == "DotAttention: queries of 3 features do not fit keys of 4")
    let batch = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DotAttention()(Tensor.ones([3, 4]), over: DotAttention().memory(Tensor.ones([2, 5, 4])))
    }
    #expect(
      stopSentence(batch) == "attention: queries of shape [3, 1, 4] are neither [2, queries] nor [2, steps, queries]")
    let weights = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = AdditiveAttention(
        queryWeight: Tensor.ones([3, 4]), keyWeight: Tensor.ones([3, 5]), bias: nil, scoreWeight: Tensor.ones([4]))
    }
    #expect(
      stopSentence(weights)
        == "AdditiveAttention: weights of shapes [3, 4], [3, 5] and [4] are not [queries, units], [features, units] and [units]"
    )
  }
}
