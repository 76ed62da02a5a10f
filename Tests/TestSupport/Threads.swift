import Foundation
import UnrollArrays

private let threadSettings = NSRecursiveLock()

/// Does the same work on each of several numbers of threads, with every job split as far as its structure allows, and returns what
/// each has made. Tests that set the number of threads run one after the other here.
public func onThreads<Result>(_ counts: [Int] = [1, 2, 3, 7, 16], _ work: () throws -> Result) rethrows -> [Result] {
  threadSettings.lock()
  let before = (Machine.threadCount, Machine.splitsEverything)
  defer {
    (Machine.threadCount, Machine.splitsEverything) = before
    threadSettings.unlock()
  }
  Machine.splitsEverything = true
  return try counts.map { count in
    Machine.threadCount = count
    return try work()
  }
}
