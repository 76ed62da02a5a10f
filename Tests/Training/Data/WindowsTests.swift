import Testing
import UnrollArrays
import UnrollTestSupport
import UnrollTraining

/// A stream cut into rows and windows: every id once, in order, each with its successor.
@Suite struct WindowsTests {
  private static func ids(_ count: Int) -> Indices { Indices((0..<count).map { 10 * $0 }) }

  @Test func anExample() {
    let windows = Windows(Self.ids(9), batch: 2, steps: 3)
    #expect(windows.count == 2)
    #expect(windows[0].inputs == Indices([0, 10, 20, 40, 50, 60], shape: [2, 3]))
    #expect(windows[0].targets == Indices([10, 20, 30, 50, 60, 70], shape: [2, 3]))
    #expect(windows[1].inputs == Indices([30, 70], shape: [2, 1]))
    #expect(windows[1].targets == Indices([40, 80], shape: [2, 1]))
    #expect(Windows(Self.ids(9), batch: 2, steps: 3, keepingShortWindow: false).map(\.inputs.shape) == [[2, 3]])
  }

  @Test func everyRowGoesOnWhereItWas() {
    for count in 2...30 {
      for batch in 1...min(4, count - 1) {
        for steps in 1...5 {
          for keeps in [true, false] where keeps || (count - 1) / batch >= steps {
            let windows = Windows(Self.ids(count), batch: batch, steps: steps, keepingShortWindow: keeps)
            let length = max(0, count - 1) / batch
            let read = keeps ? length : length / steps * steps
            #expect(windows.reduce(0) { $0 + $1.inputs.shape[1] } == read)
            #expect(windows.dropLast().allSatisfy { $0.inputs.shape == [batch, steps] })
            for row in 0..<batch {
              let inputs = windows.flatMap { $0.inputs[row].values }
              #expect(inputs == (0..<read).map { 10 * (row * length + $0) })
              #expect(windows.flatMap { $0.targets[row].values } == inputs.map { $0 + 10 })
            }
          }
        }
      }
    }
  }

  @Test func randomLengthsReadEverythingOnce() {
    var generator = Generator(seed: 2)
    let ids = Self.ids(40_001)
    let windows = Windows(ids, batch: 2, aroundSteps: 70, using: &generator)
    #expect(windows.flatMap { $0.inputs[1].values } == (20_000..<40_000).map { 10 * $0 })
    #expect(windows.allSatisfy { $0.targets.shape == $0.inputs.shape && $0.targetCount == $0.inputs.count })
    let lengths = windows.dropLast().map { $0.inputs.shape[1] }
    let mean = Double(lengths.reduce(0, +)) / Double(lengths.count)
    #expect(abs(mean - (0.95 * 70 + 0.05 * 35 - 0.5)) < 3, "\(mean)")
    #expect(Set(lengths).count > 10 && lengths.allSatisfy { $0 >= 5 && $0 < 110 })
    #expect(lengths.contains { $0 < 50 })
    let other = Windows(ids, batch: 2, aroundSteps: 70, using: &generator)
    #expect(other.map(\.inputs.shape) != windows.map(\.inputs.shape))
    var same = Generator(seed: 2)
    #expect(Windows(ids, batch: 2, aroundSteps: 70, using: &same).map(\.inputs) == windows.map(\.inputs))
    #expect(Windows(ids, batch: 2, aroundSteps: 1, deviation: 0, using: &same).allSatisfy { $0.inputs.shape == [2, 1] })
  }

  @Test func misuseMessages() async {
    let batch = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Windows(Self.ids(9), batch: 0, steps: 3)
    }
    #expect(stopSentence(batch) == "Windows: 0 rows and windows of 3 steps must both be positive")
    let few = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Windows(Self.ids(3), batch: 4, steps: 3)
    }
    #expect(stopSentence(few) == "Windows: 3 ids do not fill 4 rows and their targets")
    let short = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Windows(Self.ids(9), batch: 2, steps: 5, keepingShortWindow: false)
    }
    #expect(
      stopSentence(short) == "Windows: rows of 4 steps have no whole window of 5, and short windows are dropped")
    let rank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Windows(Self.ids(9).reshaped([3, 3]), batch: 1, steps: 3)
    }
    #expect(stopSentence(rank) == "Windows: ids of shape [3, 3] are not a vector")
    let position = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Windows(Self.ids(9), batch: 2, steps: 3)[2]
    }
    #expect(stopSentence(position) == "Windows: there is no window 2 of 2")
  }
}
