import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

@testable import unroll_lab

/// What each way's gradient knows of a sign that lies before the last window.
@Suite struct DelayExperimentTests {
  private func gradient(_ way: GradientWay, seed: Int = 1) -> DelayTraining.Model {
    var generator = Generator(seed: 1)
    let model = DelayTraining.Model(cell: LSTMCell(2, 3, using: &generator), head: Linear(3, 2, using: &generator))
    let batch = RecallTask(delay: 6).batch(2, using: &generator)
    var draws = Generator(seed: seed)
    return DelayTraining(task: RecallTask(delay: 6), hidden: 3, way: way).gradient(model, batch, &draws)
  }

  @Test func ways() {
    let full = gradient(.windows(7))
    let exact = gradient(.learner(.rtrl))
    #expect((full - exact).norm < 1e-5 * full.norm && full.norm > 0)
    // The sign enters through the first row of the input weights, in the first step alone.
    func ofTheSign(_ way: GradientWay, seed: Int = 1) -> Double { gradient(way, seed: seed).cell.inputWeight[0].norm().item }
    #expect(ofTheSign(.windows(7)) > 0)
    #expect(ofTheSign(.windows(3)) == 0)
    for way in [GradientWay.learner(.snap1), .learner(.eprop), .rankOne] { #expect(ofTheSign(way) > 0, "\(way)") }
    // Windows that end at random sometimes have no end on the way.
    let random = (1...20).map { ofTheSign(.randomWindows(mean: 6), seed: $0) }
    #expect(random.contains(0) && random.contains { $0 > ofTheSign(.windows(7)) })
  }

  @Test func itTrains() throws {
    let training = DelayTraining(task: RecallTask(delay: 1), hidden: 4, way: .learner(.rtrl))
    let plan = TrainingPlan(learningRate: 0.1, batch: 8, steps: 40, interval: 10)
    let outcome = try #require(training.train(plan, seed: 1) { false })
    #expect(outcome.isSolved && outcome.metric == 1 && outcome.steps <= 40)
    #expect(training.train(plan, seed: 1) { true } == nil)
  }
}
