import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

@Suite struct GreedyTests {
  /// Counts down from the token given: 4, 3, 2, 1, and 0 is the end.
  private func countdown(_ record: @escaping ([Int]) -> Void = { _ in }) -> TokenDecoder<Tensor> {
    TokenDecoder(vocabulary: 6, end: 0) { ids, state in
      record(ids.values)
      state = state + 1
      return Tensor.oneHot(Indices(ids.values.map { max($0 - 1, 0) }), count: 6, .float64) * 50
    }
  }

  @Test func rowsEndOnTheirOwn() {
    var steps: [[Int]] = []
    let decoded = countdown { steps.append($0) }.greedy([3, 1, 5, 2], from: Tensor.zeros([4, 2]), maximumLength: 4)
    #expect(decoded.rows.map(\.tokens) == [[2, 1], [], [4, 3, 2, 1], [1]])
    #expect(decoded.rows.map(\.isFinished) == [true, true, false, true])
    #expect(decoded.lengths == [2, 0, 4, 1])
    #expect(decoded.ids == Indices([2, 1, 0, 0, 0, 0, 0, 0, 4, 3, 2, 1, 1, 0, 0, 0], shape: [4, 4]))
    #expect(decoded.scores.allSatisfy { $0 <= 0 && $0 > -1e-9 })
    #expect(steps == [[3, 1, 5, 2], [2, 4, 1], [1, 3], [2]])
  }

  @Test func withoutAnEndTheLengthDecides() {
    let model = LanguageModel(4, seed: 1)
    let decoded = model.decoder(end: nil).greedy([0, 1, 2], from: model.state(3), maximumLength: 5)
    #expect(decoded.lengths == [5, 5, 5])
    #expect(decoded.rows.allSatisfy { !$0.isFinished })
  }

  @Test func statesFollowTheirRows() {
    let model = LanguageModel(5, seed: 6)
    let decoder = model.decoder(end: 3)
    let together = decoder.greedy([0, 1, 2, 4], from: model.state(4), maximumLength: 7)
    for (row, first) in [0, 1, 2, 4].enumerated() {
      let alone = decoder.greedy(Indices([first]), from: model.state(1), maximumLength: 7).rows[0]
      #expect(alone.tokens == together.rows[row].tokens)
      #expect(isClose(alone.score, together.rows[row].score))
      #expect(isClose(alone.score, model.score(alone.scoredTokens(3), after: first)))
    }
  }

  /// A streaming network decodes the same.
  @Test func preparedNetworksDecodeToo() {
    let model = LanguageModel(5, seed: 8)
    let stream = model.lstm.prepared()
    let fast = TokenDecoder(vocabulary: 5, end: 3) { (ids: Indices, state: inout LSTM.State) in
      model.output(stream(model.embedding(ids), state: &state))
    }
    let decoded = fast.greedy([0, 1], from: model.state(2), maximumLength: 6)
    let slow = model.decoder(end: 3).greedy([0, 1], from: model.state(2), maximumLength: 6)
    #expect(decoded.rows.map(\.tokens) == slow.rows.map(\.tokens))
  }

  @Test func largestNumbers() {
    #expect(positionsOfLargest(3, of: [1, 5, 5, 2, 7, 5]) == [4, 1, 2])
    #expect(positionsOfLargest(9, of: [-.infinity, 1, 2]) == [2, 1])
    #expect(positionsOfLargest(0, of: [1, 2]) == [])
  }
}
