import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// The range test of learning rates.
@Suite struct LearningRateSweepTests {
  /// One number w, whose loss is (a w)² / 2: gradient descent with a rate r multiplies it by 1 − r a², and diverges above 2 / a².
  private struct Parabola: Module {
    var w = Tensor(1, .float64)
    mutating func visit(_ visitor: Visitor) { visitor("w", &w) }
  }

  private static func sweep(_ steps: Int = 60, clippingNorm: Double? = nil) -> LearningRateSweep {
    let model = Parabola()
    return LearningRateSweep(
      model, SGD(for: model, learningRate: 7), over: [10.0], from: 1e-5, to: 1, steps: steps, clippingNorm: clippingNorm
    ) { model, a in (model.w * a).square() * 0.5 }
  }

  /// Rates are equal ratios apart, and each loss is that of the updates with all rates before.
  @Test func theCurve() {
    let sweep = LearningRateSweepTests.sweep()
    var w = 1.0
    for (i, rate) in sweep.rates.enumerated() {
      let expected = 1e-5 * pow(10, 5 * Double(i) / 59)
      #expect(abs(rate / expected - 1) < 1e-12)
      #expect(abs(sweep.losses[i] - 50 * w * w) <= 1e-9 * max(1, sweep.losses[i]))
      w *= 1 - rate * 100
    }
    // The rates above 0.02 diverge: the curve ends at the first loss that is four times the first.
    #expect(sweep.losses.count < 60 && sweep.losses.count == sweep.smoothed.count)
    #expect(sweep.losses.last ?? 0 > 200 && sweep.losses.dropLast().allSatisfy { $0 <= 200 })
  }

  /// The suggestion learns: it lies below the rates that diverge, and not at the bottom of the range.
  @Test func theSuggestion() throws {
    let suggestion = try #require(LearningRateSweepTests.sweep().suggestion)
    #expect(suggestion > 1e-4 && suggestion < 0.02, "\(suggestion)")
    let model = Parabola()
    // A loss that does not depend on the rate never falls.
    let flat = LearningRateSweep(model, SGD(for: model, learningRate: 0.1), over: [1.0], steps: 10) { model, _ in
      model.w * 0 + 3
    }
    #expect(flat.suggestion == nil && flat.losses == Array(repeating: 3, count: 10) && flat.smoothed == flat.losses)
  }

  @Test func batchesRepeatAndNothingElseChanges() {
    var generator = Generator(seed: 3)
    let model = Linear(2, 1, .float64, using: &generator)
    let optimizer = Adam(for: model, learningRate: 0.25)
    let (before, slots) = (model.parameters.map(\.tensor.array), optimizer.parameters.map(\.tensor.array))
    var seen: [Int] = []
    let sweep = LearningRateSweep(model, optimizer, over: [3, 5, 7], from: 1e-3, to: 1e-1, steps: 8) { model, batch in
      seen.append(batch)
      return model(Tensor.ones([batch, 2], .float64)).square().mean()
    }
    #expect(seen == [3, 5, 7, 3, 5, 7, 3, 5] && sweep.rates.count == 8)
    #expect(model.parameters.map(\.tensor.array) == before && optimizer.learningRate == 0.25)
    #expect(optimizer.parameters.map(\.tensor.array) == slots)
    #expect(sweep.losses[7] != sweep.losses[0])
  }

  @Test func endings() {
    let model = Parabola()
    func sweep(_ losses: [Double]) -> LearningRateSweep {
      LearningRateSweep(model, SGD(for: model, learningRate: 0), over: losses, from: 1e-9, to: 1e-8, steps: losses.count) {
        $0.w * 0 + $1
      }
    }
    let rows: [(losses: [Double], kept: Int)] = [
      ([2, 1, .nan, 1], 2), ([2, 1, 8, 1], 4), ([2, 1, 8.5, 1], 3), ([.infinity, 1, 1], 0), ([-1, 1, 3, 3], 3), ([0, 0, 1], 3),
    ]
    for (losses, kept) in rows { #expect(sweep(losses).losses.count == kept, "\(losses)") }
    #expect(sweep([.infinity, 1, 1]).suggestion == nil)
    let smoothed = sweep([4, 1, 1, 2, 5]).smoothed
    #expect(zip(smoothed, [4, 2, 4.0 / 3, 8.0 / 3, 5]).allSatisfy { abs($0 - $1) < 1e-12 }, "\(smoothed)")
    struct Failure: Error {}
    #expect(throws: Failure.self) {
      _ = try LearningRateSweep(model, SGD(for: model, learningRate: 0.1), over: [1]) {
        (_: Parabola, _: Int) throws -> Tensor in throw Failure()
      }
    }
  }

  @Test func clipping() {
    // A gradient of norm 1 at most, so that the first updates move w by the rate.
    let sweep = LearningRateSweepTests.sweep(clippingNorm: 1)
    let w = 1 - sweep.rates[0]
    #expect(abs(sweep.losses[1] - 50 * w * w) < 1e-9)
  }

  @Test func messages() async {
    let rates = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LearningRateSweep(Parabola(), SGD(for: Parabola(), learningRate: 0.1), over: [1], from: 0) { model, _ in model.w }
    }
    #expect(stopSentence(rates) == "LearningRateSweep: the rates from 0.0 to 1.0 do not ascend from above 0")
    let steps = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LearningRateSweep(Parabola(), SGD(for: Parabola(), learningRate: 0.1), over: [1], steps: 2) { model, _ in model.w }
    }
    #expect(stopSentence(steps) == "LearningRateSweep: 2 steps are not at least 3")
    let batches = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LearningRateSweep(Parabola(), SGD(for: Parabola(), learningRate: 0.1), over: [Int]()) { model, _ in model.w }
    }
    #expect(stopSentence(batches) == "LearningRateSweep: there are no batches")
  }
}
