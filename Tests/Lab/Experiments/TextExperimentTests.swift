import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

import UnrollTraining

@testable import unroll_lab

/// The character model as an experiment.
@Suite struct TextExperimentTests {
  static let text = String(repeating: "abacabad", count: 40)
  static let small = CharacterSettings(hidden: 16, layers: 1, batch: 4, steps: 10, learningRate: 0.03, seed: 9)

  /// What is measured is what a training of that seed measures after as many updates.
  @Test func measuresValidation() async throws {
    let experiment = try Experiment.characters(of: TextExperimentTests.text, about: "a rhyme", TextExperimentTests.small)
    #expect(experiment.seedCount == 3 && experiment.planCount == 1)
    let report = await experiment.run(seeds: 1...2, limit: 60)
    #expect(report.results.map(\.steps) == [60, 60] && report.results.map(\.sequences) == [240, 240])
    let settings = CharacterSettings(hidden: 16, layers: 1, batch: 4, steps: 10, learningRate: 0.03, seed: 2)
    var training = try CharacterTraining(on: TextExperimentTests.text, settings)
    for _ in 0..<60 { training.update() }
    #expect(report.results[1].metric == training.validationBits)
    // Every character follows from what was before it; pairs leave three quarters of a bit.
    #expect(report.results.allSatisfy { $0.reached && $0.metric < 0.6 }, "\(report.results)")
    let table = ExperimentReport.markdown([report])
    #expect(table.contains("| text, character model | LSTM 1 × 16 | 0.030 | 2 of 2 | 60.0 ± 0 | 240 ± 0 |"))
  }

  @Test func tooShort() {
    let error = #expect(throws: UnfitText.self) { try Experiment.characters(of: "short", about: "nothing") }
    #expect(error?.reason.hasPrefix("5 characters are too few for 50 rows of 50 steps") == true)
  }

  /// Counted by hand: of forty ids thirty-eight are trained on, in which 1 follows 0 and 0 follows 1.
  @Test func frequenciesOfPairs() {
    let bits = pairBits((0..<40).map { $0 % 2 }, vocabulary: 2)
    // 1 follows 0 in 19 of 19 pairs; what is kept aside is one such pair: (19 + 1) / (19 + 2).
    #expect(abs(bits - 0.0703893278913979) < 1e-12, "\(bits)")
    #expect(abs(pairBits(Array(repeating: 0, count: 40), vocabulary: 1)) < 1e-12)
  }

  /// PyTorch's way to begin: each number has the bound it has there, and the deviation.
  @Test func beginsAsPyTorchDoes() {
    var generator = Generator(seed: 3)
    let model = CharacterModel(vocabulary: 90, hidden: 64, layers: 2, using: &generator)
    let bound = 0.125
    func statistics(_ array: NDArray) -> (largest: Double, deviation: Double) {
      let numbers = array.scalars(as: Float.self).map(Double.init)
      let square = numbers.reduce(0) { $0 + $1 * $1 } / Double(numbers.count)
      return (numbers.map(\.magnitude).max() ?? 0, square.squareRoot())
    }
    #expect(abs(statistics(model.embedding.table.array).deviation - 1) < 0.05)
    let uniform = [model.head.weight] + model.lstm.forward.flatMap { [$0.inputWeight, $0.recurrentWeight] }
    for weight in uniform {
      let (largest, deviation) = statistics(weight.array)
      #expect(largest <= bound && largest > 0.99 * bound)
      #expect(abs(deviation / (bound / 3.0.squareRoot()) - 1) < 0.05)
    }
    for cell in model.lstm.forward {
      let (largest, deviation) = cell.bias.map { statistics($0.array) } ?? (0, 0)
      #expect(largest > bound && largest <= 2 * bound && abs(deviation / (bound * (2.0 / 3).squareRoot()) - 1) < 0.2)
    }
  }
}
