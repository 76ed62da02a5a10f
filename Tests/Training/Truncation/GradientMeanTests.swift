import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// The parts of a batch give what the whole batch gives.
@Suite struct GradientMeanTests {
  @Test(arguments: [[0..<8], [0..<3, 3..<8], [0..<1, 1..<2, 2..<7, 7..<8]]) func partsAreTheWhole(parts: [Range<Int>]) {
    var generator = Generator(seed: 1)
    let lstm = LSTM(3, 4, .float64, using: &generator)
    let x = Tensor.normal([8, 5, 3], .float64, using: &generator)
    let whole = valueAndGradient(at: lstm) { $0(x).outputs.square().mean() }
    var mean = GradientMean<LSTM>()
    var sum = GradientMean<LSTM>()
    for rows in parts {
      let part = valueAndGradient(at: lstm) { $0(x[rows]).outputs.square().mean() }
      mean.add(part.gradient, loss: part.value.item, weight: Double(rows.count))
      sum.add(gradient(at: lstm) { $0(x[rows]).outputs.square().sum() })
    }
    #expect(mean.count == parts.count && mean.weight == 8)
    #expect(abs(mean.loss - whole.value.item) < 1e-14)
    expectClose(mean.gradient, whole.gradient)
    let total = gradient(at: lstm) { $0(x).outputs.square().sum() }
    if let sum = sum.sum { expectClose(sum, total) } else { Issue.record("nothing was summed") }
  }

  @Test func weights() {
    var mean = WeightedMean()
    #expect(mean.value.isNaN)
    mean.add(2, weight: 64)
    mean.add(.nan, weight: 0)
    mean.add(3, weight: 16)
    #expect(mean.value == 2.2 && mean.weight == 80)
  }

  @Test func misuseMessages() async {
    let weight = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var mean = GradientMean<Linear>()
      var generator = Generator(seed: 1)
      mean.add(Linear(1, 1, using: &generator), weight: -1)
    }
    #expect(stopSentence(weight) == "GradientMean: a weight of -1.0 is negative or not finite")
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GradientMean<Linear>().gradient
    }
    #expect(stopSentence(empty) == "GradientMean: nothing with a weight above 0 has been added, so there is no mean")
  }
}
