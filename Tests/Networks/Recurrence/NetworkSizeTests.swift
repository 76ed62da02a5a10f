import Testing
import UnrollArrays
import UnrollNetworks
import UnrollTestSupport

/// Numbers of layers and features that do not make a network, however negative or large, each in one sentence.
@Suite struct NetworkSizeTests {
  struct Misuse: Sendable {
    let sentence: String
    let act: @Sendable (inout Generator) -> Void
  }

  static let misuses: [Misuse] = [
    Misuse(sentence: "Recurrent: -1 layers do not make a network") { _ = LSTM(3, 4, layers: -1, using: &$0) },
    Misuse(sentence: "Recurrent: 0 layers do not make a network") { _ = LayerNormGRU(3, 4, layers: 0, using: &$0) },
    Misuse(sentence: "LSTMCell: 3 inputs and \(Int.max) hidden features do not make a cell") { _ = LSTM(3, .max, using: &$0) },
    Misuse(sentence: "ProjectedLSTMCell: 3 inputs and \(Int.min) hidden features do not make a cell") { generator in
      _ = ProjectedLSTM(3, .min) { ProjectedLSTMCell($0, $1, memory: 4, using: &generator) }
    },
  ]

  @Test(arguments: misuses.indices) func stops(_ i: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [i] in
      var generator = Generator(seed: 1)
      NetworkSizeTests.misuses[i].act(&generator)
    }
    #expect(stopSentence(result) == NetworkSizeTests.misuses[i].sentence)
  }
}
