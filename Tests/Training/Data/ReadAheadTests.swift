import Foundation
import Synchronization
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport
import UnrollTraining

/// Elements made in the background.
@Suite struct ReadAheadTests {
  /// Counts what was made, and who is waiting for a signal.
  private final class Count: Sendable {
    private let made = Atomic(0)
    var value: Int { made.load(ordering: .sequentiallyConsistent) }
    func increment() { made.add(1, ordering: .sequentiallyConsistent) }

    /// Waits until the count has a value; false where that takes more than ten seconds.
    func reaches(_ wanted: Int) -> Bool {
      for _ in 0..<10_000 {
        if value == wanted { return true }
        usleep(1000)
      }
      return false
    }
  }

  @Test(arguments: [(0, 1), (1, 1), (1, 3), (5, 1), (100, 1), (100, 2), (100, 7), (100, 1000)])
  func everyElementOnceInOrder(count: Int, ahead: Int) {
    let reader = ReadAhead(0..<count, ahead: ahead) { number in
      // Some take longer than others.
      if number % 9 == 0 { usleep(200) }
      return number * number
    }
    #expect(Array(reader) == (0..<count).map { $0 * $0 })
    #expect(reader.next() == nil && reader.next() == nil)
  }

  /// No more than `ahead` elements are made and not asked for, however long the caller takes.
  @Test(arguments: [1, 2, 5]) func memoryIsBounded(ahead: Int) {
    let count = Count()
    let reader = ReadAhead(0..<1000, ahead: ahead) { number in
      count.increment()
      return number
    }
    for asked in 0..<20 {
      #expect(count.reaches(asked + ahead))
      usleep(500)
      #expect(count.value == asked + ahead)
      #expect(reader.next() == asked)
    }
  }

  private struct Failure: Error, Equatable { let number: Int }

  /// Elements before the one that failed are there, and nothing is made after it.
  @Test(arguments: [0, 1, 7, 19]) func errorsComeWhereTheElementIsAskedFor(bad: Int) throws {
    let count = Count()
    let reader = ReadAhead(0..<20, ahead: 3) { (number) throws(Failure) in
      count.increment()
      if number == bad { throw Failure(number: number) }
      return number
    }
    for number in 0..<bad { #expect(try reader.next() == number) }
    #expect(throws: Failure(number: bad)) { try reader.next() }
    #expect(try reader.next() == nil)
    #expect(count.value == bad + 1)
  }

  /// Whoever loses interest need not read to the end: the thread ends, and lets go of what it read from.
  @Test func releasedBeforeTheEnd() {
    weak var source: Count?
    let count = Count()
    do {
      let held = Count()
      source = held
      let reader = ReadAhead(0..<1_000_000, ahead: 2) { number in
        held.increment()
        count.increment()
        return number
      }
      #expect(reader.next() == 0)
      #expect(count.reaches(3))
    }
    for _ in 0..<10_000 where source != nil { usleep(1000) }
    #expect(source == nil && count.value <= 4)
  }

  @Test func windowsOfAFile() throws {
    let ids = (0..<1000).map { UInt8($0 % 251) }
    try withTemporaryFile(ids) { path in
      let windows = try FileWindows(path, batch: 3, steps: 16)
      let reader = windows.readingAhead(3)
      for position in 0..<windows.count { #expect(try reader.next() == windows.window(position)) }
      #expect(try reader.next() == nil)
    }
  }

  /// A file that becomes shorter while it is read says so at the window that is not there any more.
  @Test func aFileThatEndsEarly() throws {
    try withTemporaryFile(Array(repeating: 7, count: 401)) { path in
      let windows = try FileWindows(path, batch: 1, steps: 100)
      try FileHandle(forWritingTo: URL(fileURLWithPath: path)).truncate(atOffset: 250)
      let reader = windows.readingAhead(4)
      #expect(try reader.next()?.inputs.shape == [1, 100] && reader.next()?.targets.shape == [1, 100])
      let error = #expect(throws: DataFileError.self) { try reader.next() }
      #expect(error?.file == path && error?.reason == "the file is shorter than when it was opened")
      #expect(try reader.next() == nil)
    }
  }

  @Test func batchesOfSeries() {
    var generator = Generator(seed: 1)
    let cases = (1...9).map { Tensor.normal([$0, 2], using: &generator) }
    let set = SeriesFile(classes: ["a", "b"], cases: cases, labels: (1...9).map { $0 % 2 })
    let batches = Batches(lengths: set.lengths, size: 2, using: &generator)
    let read = Array(set.readingAhead(batches))
    #expect(read.count == batches.count)
    for (batch, positions) in zip(read, batches) {
      let expected = set.batch(positions)
      #expect(batch.inputs.array == expected.inputs.array && batch.mask == expected.mask && batch.labels == expected.labels)
    }
  }

  @Test func messages() async {
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ReadAhead(0..<3, ahead: 0) { $0 }
    }
    #expect(stopSentence(none) == "ReadAhead: 0 elements ahead are not at least 1")
  }
}
