import Testing
import UnrollTestSupport
import UnrollTraining

@Suite struct EarlyStoppingTests {
  private func ends(_ stopping: EarlyStopping, _ losses: [Double]) -> (at: Int?, EarlyStopping) {
    var stopping = stopping
    for (i, loss) in losses.enumerated() where stopping.update(loss) { return (i, stopping) }
    return (nil, stopping)
  }

  @Test func patience() {
    let (end, stopping) = ends(EarlyStopping(patience: 2), [3, 2, 2.5, 2.25, 1])
    #expect(end == 3 && stopping.best == 2 && stopping.bestStep == 1 && stopping.checks == 4 && stopping.isOver)
    #expect(ends(EarlyStopping(patience: 1), [3, 2, 2]).at == 2, "the same loss is no improvement")
    #expect(ends(EarlyStopping(patience: 0), [3, 2, 2]).at == 2)
    #expect(ends(EarlyStopping(patience: 3), [3, 2, 2.5, 2.25, 1]).at == nil)
  }

  @Test func improvementMustBeLargeEnough() {
    let (end, stopping) = ends(EarlyStopping(patience: 2, minimalImprovement: 0.5), [3, 2.6, 2.51, 1])
    #expect(end == 2 && stopping.best == 3 && stopping.bestStep == 0)
    #expect(ends(EarlyStopping(patience: 2, minimalImprovement: 0.5), [3, 2.6, 2.4, 2.4]).1.best == 2.4)
  }

  @Test func lossesThatAreNoNumbers() {
    let (end, stopping) = ends(EarlyStopping(patience: 2), [.nan, .infinity, .nan, 5, .nan, .nan])
    #expect(end == 5 && stopping.best == 5 && stopping.bestStep == 3)
    #expect(ends(EarlyStopping(patience: 2), [.nan, .nan]).at == 1)
  }

  @Test func itRemembersTheStepAndIsKept() throws {
    var stopping = EarlyStopping(patience: 3)
    for (step, loss) in [(100, 3.0), (200, 1), (300, 2)] {
      let isOver = stopping.update(loss, at: step)
      #expect(!isOver)
      #expect(stopping.isBest == (step < 300))
    }
    #expect(stopping.bestStep == 200)
    let checkpoint = Checkpoint(step: 300, ["stopping": stopping])
    #expect(try checkpoint.value("stopping", like: EarlyStopping(patience: 3)) == stopping)
  }

  @Test func misuse() async {
    let patience = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = EarlyStopping(patience: -1)
    }
    #expect(stopSentence(patience) == "EarlyStopping: a patience of -1 checks is negative")
    let improvement = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = EarlyStopping(patience: 1, minimalImprovement: .nan)
    }
    #expect(stopSentence(improvement) == "EarlyStopping: an improvement of nan is negative or not finite")
  }
}
