internal import UnrollArrays
internal import UnrollFiles

/// Elements that a thread of its own makes in the background, such as batches read from a file, while the caller computes with
/// those before.
///
/// They come in the order of the source, each made once. At most `ahead` elements are made and not yet asked for, so that memory
/// is bounded. If the closure throws, the error is thrown where that element is asked for, and it is the last one. Where nothing
/// can be thrown, it is a sequence. If it is released before its end, nothing more is made.
///
///     let windows = try FileWindows("tokens.bin", .twoBytes, batch: 32, steps: 128)
///     let reader = ReadAhead(0..<windows.count, ahead: 4) { position in try windows.window(position) }
///     while let window = try reader.next() {
///       print(window.inputs.shape)  // one step of training, while the next window is read
///     }
public final class ReadAhead<Element: Sendable, Failure: Error>: Sendable {
  private let shelf: Shelf<Element, Failure>

  /// Begins to make an element from each of the source's, with a closure that runs in the background.
  public init<Source: Sequence & Sendable>(
    _ source: Source, ahead: Int = 2, making make: @escaping @Sendable (Source.Element) throws(Failure) -> Element
  ) {
    require(ahead > 0, "ReadAhead: \(ahead) elements ahead are not at least 1")
    let shelf = Shelf<Element, Failure>(room: ahead)
    self.shelf = shelf
    let isStarted = startThread {
      for part in source {
        if !shelf.waitForRoom() { return }
        do throws(Failure) { shelf.put(.success(try make(part))) } catch {
          shelf.put(.failure(error))
          break
        }
      }
      shelf.end()
    }
    require(isStarted, "ReadAhead: the system allows no further thread")
  }

  /// The next element, for which the caller waits if it is not yet made; nil after the last one. Throws what the closure threw
  /// for this element. Only one thread at a time may ask.
  public func next() throws(Failure) -> Element? { try shelf.take()?.get() }

  deinit { shelf.abandon() }
}

extension ReadAhead: Sequence where Failure == Never {
  /// The elements that have not yet been asked for. All iterators take from the same ones.
  public func makeIterator() -> AnyIterator<Element> { AnyIterator { self.next() } }
}

/// What has been made and not yet been asked for, between the thread that makes and the one that asks.
private final class Shelf<Element: Sendable, Failure: Error>: Sendable {
  private struct Contents {
    var made: [Result<Element, Failure>] = []
    var isComplete = false
    var isAbandoned = false
  }

  private let room: Int
  private let contents = Guarded(Contents())
  private let forMaker = SleepGate()
  private let forAsker = SleepGate()

  init(room: Int) { self.room = room }

  /// Waits until another element may be made; false if nobody will ask for it.
  func waitForRoom() -> Bool {
    forMaker.wait { contents.withLock { $0.made.count >= room && !$0.isAbandoned } }
    return contents.withLock { !$0.isAbandoned }
  }

  func put(_ element: Result<Element, Failure>) {
    contents.withLock { $0.made.append(element) }
    forAsker.wake()
  }

  /// Says that nothing more is made.
  func end() {
    contents.withLock { $0.isComplete = true }
    forAsker.wake()
  }

  func take() -> Result<Element, Failure>? {
    forAsker.wait { contents.withLock { $0.made.isEmpty && !$0.isComplete } }
    let element = contents.withLock { $0.made.isEmpty ? nil : $0.made.removeFirst() }
    forMaker.wake()
    return element
  }

  func abandon() {
    contents.withLock { $0.isAbandoned = true }
    forMaker.wake()
  }
}

extension FileWindows {
  /// All windows in order, read in the background while the caller computes: at most `count` are read and not yet asked for.
  ///
  ///     let reader = try FileWindows("tokens.bin", .twoBytes, batch: 32, steps: 128).readingAhead()
  ///     while let window = try reader.next() { print(window.inputs.shape) }  // [32, 128]
  public func readingAhead(_ count: Int = 2) -> ReadAhead<Windows.Window, DataFileError> {
    ReadAhead(0..<self.count, ahead: count) { (position) throws(DataFileError) in try self.window(position) }
  }
}

extension SeriesFile {
  /// The batches of the given lists of positions, in order, stacked and padded in the background while the caller computes: at most
  /// `count` are made and not yet asked for.
  ///
  ///     let set = try SeriesFile(text: "@data\n1,2,3\n4,5\n6")
  ///     for batch in set.readingAhead(Batches(count: 3, size: 2)) { print(batch.inputs.shape) }  // [2, 3, 1], [1, 1, 1]
  public func readingAhead(
    _ batches: some Sequence<[Int]> & Sendable, _ count: Int = 2
  ) -> ReadAhead<SeriesBatch, Never> {
    ReadAhead(batches, ahead: count) { self.batch($0) }
  }
}
