import Testing
import UnrollArrays
import UnrollTestSupport
import UnrollTraining

/// What schedules do beyond the files: their ends, their composition, misuse.
@Suite struct ScheduleTests {
  @Test func schedulesStayAtTheirEnds() {
    #expect(Schedule.cosine(from: 1, to: 0.25, over: 10).rate(at: 1000) == 0.25)
    #expect(Schedule.linear(from: 0, to: 0.5, over: 10).rate(at: 1000) == 0.5)
    #expect(Schedule.polynomial(from: 1, to: 0.5, over: 10, power: 1.5).rate(at: 1000) == 0.5)
    #expect(Schedule.oneCycle(peak: 1, to: 0.125, over: 10).rate(at: 1000) == 0.125)
    let restarts = Schedule.cosineWithRestarts(from: 1, over: 4)
    #expect((0..<12).map { restarts.rate(at: $0) } == (0..<12).map { restarts.rate(at: $0 % 4) })
  }

  @Test func compositionsCountFromWhereTheyBegin() {
    let schedule = Schedule.constant(1).then(Schedule { 10 + Double($0) }, at: 3).then(.constant(5), at: 5).scaled(by: 2)
    #expect((0..<7).map { schedule.rate(at: $0) } == [2, 2, 2, 20, 22, 10, 10])
    // A part too long to be counted has no end.
    #expect(Schedule.cosineWithRestarts(from: 1, over: 4, growth: .max).rate(at: 9) == 1)
    let warm = Schedule.exponential(from: 8, factor: 0.5).warmedUp(over: 4)
    #expect((0..<7).map { warm.rate(at: $0) } == [0, 2, 4, 6, 8, 4, 2])
  }

  @Test func aPlateauIsAValue() {
    var plateau = Plateau(rate: 1, factor: 0.5, patience: 0)
    plateau.update(-1)
    let before = plateau
    plateau.update(-1)
    #expect(before.rate == 1 && plateau.rate == 0.5)
    plateau.update(.nan)
    #expect(plateau.rate == 0.25 && plateau.best == -1)
    plateau.update(-2)
    #expect(plateau.rate == 0.25 && plateau.best == -2)
  }

  @Test func misuse() async {
    let rate = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Schedule.constant(-0.5)
    }
    #expect(stopSentence(rate) == "constant: the rate -0.5 is negative or not finite")
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Schedule.cosine(from: 1, over: 0)
    }
    #expect(stopSentence(none) == "cosine: 0 steps are not at least 1")
    let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Schedule.constant(1).rate(at: -1)
    }
    #expect(stopSentence(negative) == "Schedule: a step of -1 is negative")
    let growth = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Schedule.cosineWithRestarts(from: 1, over: 2, growth: 0)
    }
    #expect(stopSentence(growth) == "cosineWithRestarts: a growth of 0 is not at least 1")
    let cycle = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Schedule.oneCycle(peak: 1, over: 3)
    }
    #expect(
      stopSentence(cycle) == "oneCycle: a rising part of 0.3 of 3 steps does not leave a step for every part of the cycle")
    let plateau = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Plateau(rate: 1, factor: 1)
    }
    #expect(stopSentence(plateau) == "Plateau: a factor of 1.0 is not in 0..<1")
  }
}
