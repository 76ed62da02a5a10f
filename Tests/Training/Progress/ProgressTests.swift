import Synchronization
import Testing
import UnrollTestSupport

@testable import UnrollTraining

/// Takes lines down, and is the clock.
private final class Recorder: Sendable {
  private let state = Mutex((text: "", seconds: 0.0))
  var text: String { state.withLock { $0.text } }
  func wait(_ seconds: Double) { state.withLock { $0.seconds += seconds } }

  func surroundings(terminal: Bool, columns: Int = 80) -> Progress.Surroundings {
    Progress.Surroundings(
      isTerminal: terminal, columns: columns, seconds: { self.state.withLock { $0.seconds } },
      write: { text in self.state.withLock { $0.text += text } })
  }
}

@Suite struct ProgressTests {
  @Test func lines() {
    let all = ProgressReading(
      step: 1200, total: 50_000, seconds: 60, stepsInRun: 1000, loss: 2.34567, smoothedLoss: 2.5, gradientNorm: 0.123456,
      learningRate: 3e-4)
    #expect(
      all.line == "1200/50000 2 % · 16.7/s · loss 2.346 (2.500) · gradient 0.123 · rate 0.000300 · 48:48 left")
    #expect(ProgressReading(step: 0, seconds: 0, stepsInRun: 0).line == "0")
    #expect(ProgressReading(step: 3, seconds: 12, stepsInRun: 3, loss: .nan).line == "3 · 4.00 s each · loss nan")
    #expect(ProgressReading(step: 5, total: 5, seconds: 1, stepsInRun: 5).line == "5/5 100 % · 5.00/s · 0 s left")
    #expect(ProgressReading(step: 0, total: 0, seconds: 1, stepsInRun: 0).line == "0/0 100 %")
  }

  @Test(arguments: [
    (0.0, "0"), (1, "1.000"), (-2.5, "-2.500"), (12.3456, "12.35"), (9.9999, "10.000"), (0.0001, "0.0001000"),
    (0.00001, "1.000e-05"), (1.23456e-7, "1.235e-07"), (-9.99996e-9, "-1.000e-08"), (123_456, "123456"),
    (12_345_678, "1.235e+07"), (1e300, "1.000e+300"), (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"),
    (Double.leastNonzeroMagnitude, "4.941e-324"),
    (.greatestFiniteMagnitude, "1.798e+308"), (-0.0, "0"),
  ]) func numbers(_ value: Double, _ text: String) { #expect(numberText(value) == text) }

  @Test(arguments: [
    (0.0, "0 s"), (7.6, "8 s"), (59.6, "1:00"), (125, "2:05"), (3609, "1:00:09"), (86_400, "1 d 0 h"), (273_600, "3 d 4 h"),
    (.infinity, "?"), (-1, "0 s"),
  ]) func durations(_ seconds: Double, _ text: String) { #expect(durationText(seconds) == text) }

  @Test func aTerminalShowsOneLine() {
    let recorder = Recorder()
    var progress = Progress(total: 4, in: recorder.surroundings(terminal: true))
    for step in 1...4 {
      recorder.wait(0.06)
      progress.update(step: step, loss: Double(step))
    }
    progress.note("half")
    progress.finish()
    let e = "\u{1B}[K"
    #expect(
      recorder.text == "\r1/4 25 % · 16.7/s · loss 1.000 (1.000) · 0 s left\(e)"
        + "\r3/4 75 % · 16.7/s · loss 3.000 (1.060) · 0 s left\(e)"
        + "\r\(e)half\n\r4/4 100 % · 16.7/s · loss 4.000 (1.118) · 0 s left\(e)"
        + "\r4/4 100 % · 16.7/s · loss 4.000 (1.118) · 0 s left\(e)\n")
  }

  @Test func aNarrowTerminalShowsTheBeginning() {
    let recorder = Recorder()
    var progress = Progress(total: 4, in: recorder.surroundings(terminal: true, columns: 11))
    recorder.wait(1)
    progress.update(step: 1, loss: 1)
    #expect(recorder.text == "\r1/4 25 % ·\u{1B}[K")
  }

  @Test func elsewhereLinesComeNowAndThen() {
    let recorder = Recorder()
    var progress = Progress(total: 100, from: 40, in: recorder.surroundings(terminal: false))
    for step in 41...62 {
      recorder.wait(1)
      progress.update(step: step, learningRate: 0.1)
    }
    progress.note("a note")
    progress.finish()
    #expect(
      recorder.text == """
        41/100 41 % · 1.00/s · rate 0.100 · 59 s left
        51/100 51 % · 1.00/s · rate 0.100 · 49 s left
        61/100 61 % · 1.00/s · rate 0.100 · 39 s left
        a note
        62/100 62 % · 1.00/s · rate 0.100 · 38 s left

        """)
  }

  @Test func aLossThatIsNotFiniteLeavesTheMean() {
    var progress = Progress(smoothing: 0.5, in: Recorder().surroundings(terminal: false))
    for (step, loss) in [2.0, .nan, .infinity, 4].enumerated() { progress.update(step: step, loss: loss) }
    #expect(progress.reading.smoothedLoss == 3)
  }

  @Test func misuse() async {
    let smoothing = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Progress(smoothing: 1)
    }
    #expect(stopSentence(smoothing) == "Progress: a smoothing of 1.0 is not in 0..<1")
  }
}
