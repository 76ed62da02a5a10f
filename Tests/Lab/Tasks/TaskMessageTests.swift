import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

@testable import unroll_lab

/// Seeds say everything, and what cannot be drawn is refused.
@Suite struct TaskMessageTests {
  @Test func aSeedSaysEverything() {
    func numbers(_ seed: Int) -> [[Float]] {
      var g = Generator(seed: seed)
      return [
        AddingTask(steps: 20).batch(3, using: &g).inputs, CopyTask(delay: 5).batch(3, using: &g).inputs,
        RecallTask(delay: 5).batch(3, using: &g).inputs,
        TemporalOrderTask(steps: 20).batch(3, using: &g).inputs, EmbeddedReberTask().batch(3, using: &g).inputs,
        ContinualReberTask(steps: 30).batch(3, using: &g).inputs,
        CountingTask(letters: 3, longest: 9).batch(3, using: &g).inputs,
        StateTrackingTask(rule: .modularArithmetic).batch(3, steps: 20, using: &g).inputs,
      ].map { $0.array.scalars(as: Float.self) }
    }
    #expect(numbers(1) == numbers(1))
    for (a, b) in zip(numbers(1), numbers(2)) { #expect(a != b) }
  }

  @Test func badTasks() async {
    let adding = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = AddingTask(steps: 1) }
    #expect(stopSentence(adding) == "AddingTask: two numbers cannot be marked among 1")
    let copy = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = CopyTask(delay: 0) }
    #expect(stopSentence(copy) == "CopyTask: a delay of 0 steps leaves no room for the signal")
    let recall = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = RecallTask(delay: 0) }
    #expect(stopSentence(recall) == "RecallTask: a delay of 0 steps asks for the sign while it is shown")
    let order = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = TemporalOrderTask(symbols: 4, steps: 50)
    }
    #expect(stopSentence(order) == "TemporalOrderTask: 4 symbols that matter are not 2 or 3")
    let short = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = TemporalOrderTask(steps: 19)
    }
    #expect(stopSentence(short) == "TemporalOrderTask: 19 steps have no tenths of two places each; 20 are needed")
  }

  @Test func badGrammars() async {
    let counting = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = CountingTask(letters: 1, longest: 3)
    }
    #expect(stopSentence(counting) == "CountingTask: 1 letters are not 2 or 3")
    let stream = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ContinualReberTask(steps: 0)
    }
    #expect(stopSentence(stream) == "ContinualReberTask: a stream of 0 symbols is empty")
    let state = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = StateTrackingTask(rule: .parity).batch(2, steps: 0, using: &generator)
    }
    #expect(stopSentence(state) == "StateTrackingTask: a sequence of 0 symbols is empty")
    let rows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = EmbeddedReberTask().batch(0, using: &generator)
    }
    #expect(stopSentence(rows) == "EmbeddedReberTask: a batch of 0 rows has no examples")
  }
}
