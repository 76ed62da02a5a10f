import Foundation
import UnrollArrays

@testable import UnrollRanks

/// The ranks of a test: threads of this process that copy from each other's memory.
final class ThreadRank: Communicator {
  let rank: Int
  private let meeting: Meeting

  init(_ rank: Int, _ meeting: Meeting) { (self.rank, self.meeting) = (rank, meeting) }

  var count: Int { meeting.count }

  func gather(_ own: UnsafeRawPointer, into all: UnsafeMutableRawPointer, byteCount: Int) {
    meeting.meet(rank, own) { sources in
      for (r, source) in sources.enumerated() { all.advanced(by: r * byteCount).copyMemory(from: source, byteCount: byteCount) }
    }
  }

  func exchange(_ parts: UnsafeRawPointer, into received: UnsafeMutableRawPointer, byteCount: Int) {
    meeting.meet(rank, parts) { sources in
      for (r, source) in sources.enumerated() {
        received.advanced(by: r * byteCount).copyMemory(from: source + rank * byteCount, byteCount: byteCount)
      }
    }
  }

  func broadcast(_ bytes: UnsafeMutableRawPointer, byteCount: Int, from root: Int) {
    meeting.meet(rank, bytes) { sources in if root != rank { bytes.copyMemory(from: sources[root], byteCount: byteCount) } }
  }

  /// From the last rank to the first, as no sum in rank order does.
  func sum(_ numbers: UnsafeMutableRawPointer, _ type: ElementType, count: Int) {
    func add<Number: FloatingPoint>(_: Number.Type) {
      let own = numbers.bindMemory(to: Number.self, capacity: count)
      var total = [Number](repeating: 0, count: count)
      meeting.meet(rank, numbers) { sources in
        for source in sources.reversed() {
          for i in 0..<count { total[i] += source.load(fromByteOffset: i * MemoryLayout<Number>.size, as: Number.self) }
        }
      }
      for i in 0..<count { own[i] = total[i] }
      meeting.meet(rank, numbers) { _ in }
    }
    if type == .float32 { add(Float.self) } else { add(Double.self) }
  }

  func end(_ sentence: String, isKnownToAll: Bool) -> Never {
    if isKnownToAll && rank != 0 { while true { sleep(60) } }
    stop(sentence)
  }
}

/// The place where the threads wait for each other.
final class Meeting: @unchecked Sendable {
  let count: Int
  private let condition = NSCondition()
  private var coming: [UnsafeRawPointer?]
  private var met: [UnsafeRawPointer] = []
  private var arrived = 0
  private var number = 0

  init(_ count: Int) {
    self.count = count
    coming = Array(repeating: nil, count: count)
  }

  /// Calls the closure with the addresses of all ranks, which stay valid until all closures have returned.
  func meet(_ rank: Int, _ address: UnsafeRawPointer, _ body: ([UnsafeRawPointer]) -> Void) {
    body(wait(rank, address))
    _ = wait(rank, address)
  }

  private func wait(_ rank: Int, _ address: UnsafeRawPointer) -> [UnsafeRawPointer] {
    condition.lock()
    defer { condition.unlock() }
    coming[rank] = address
    arrived += 1
    if arrived == count {
      (met, arrived, number) = (coming.compactMap { $0 }, 0, number + 1)
      condition.broadcast()
    } else {
      let mine = number
      while number == mine { condition.wait() }
    }
    return met
  }
}

/// Runs a function on every rank, and returns the results in rank order.
func onRanks<Result: Sendable>(
  _ count: Int, addingInRankOrder: Bool = true, _ body: @escaping @Sendable (Ranks) throws -> Result
) throws -> [Result] {
  let meeting = Meeting(count)
  let (results, done) = (Guarded<[Int: Swift.Result<Result, any Error>]>([:]), DispatchGroup())
  for rank in 0..<count {
    done.enter()
    let thread = Thread {
      let ranks = Ranks(ThreadRank(rank, meeting), addingInRankOrder: addingInRankOrder)
      let result = Swift.Result { try body(ranks) }
      results.withLock { $0[rank] = result }
      done.leave()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }
  done.wait()
  let all = results.withLock { $0 }
  return try (0..<count).compactMap { try all[$0]?.get() }
}
