import Synchronization
internal import UnrollKernelTemplates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(WASILibc)
  import WASILibc
#else
  import Darwin
#endif

/// The threads that share a large kernel's work with the calling thread.
///
/// One job runs at a time. A caller that finds the workers busy, a nested call included, does all of its work alone. So no job
/// ever waits for another, and no thread of Swift's cooperative pool is blocked.
///
/// A job of n shares concerns n − 1 workers and no other: each has a word of its own, in a cache line of its own, through which
/// it gets its share. A worker that has not begun when the caller is done with its own share loses the share to the caller, so a
/// processor that is busy elsewhere delays nothing.
final class Workers: Sendable {
  static let shared = Workers()

  private let busy = Atomic(false)
  private let team = Guarded<[Worker]>([])

  /// The job. Written by the thread that holds `busy` before it posts shares, read by workers that have begun one, and unchanged
  /// until the last of them has finished.
  fileprivate nonisolated(unsafe) var body: (Int) -> Void = { _ in }

  /// Calls `body` for every share in `0..<shares`, in any order, on this thread and on `shares` − 1 workers. Returns false, with
  /// nothing done, where the workers are busy.
  func run(shares: Int, _ body: (Int) -> Void) -> Bool {
    // A look first: an exchange by every thread at every nested call would pass the line from processor to processor.
    if busy.load(ordering: .relaxed) { return false }
    guard busy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else { return false }
    let workers = workers(shares - 1)
    withoutActuallyEscaping(body) { job in
      self.body = job
      for worker in workers.prefix(shares - 1) { worker.post() }
      doShare(0)
      // Those that were woken last have most likely not begun.
      for share in (1..<shares).reversed() where share > workers.count || workers[share - 1].withdraw() { doShare(share) }
      let waiting = Patience(shares: shares)
      for worker in workers.prefix(shares - 1) { worker.waitUntilDone(waiting) }
      self.body = { _ in }
    }
    busy.store(false, ordering: .releasing)
    return true
  }

  /// Out of line, so that its reference to the job is released on return: the job is borrowed from the caller of `run`, who
  /// continues as soon as every worker is done.
  @inline(never)
  fileprivate func doShare(_ share: Int) {
    let job = body
    job(share)
  }

  /// The workers, after starting threads until there are `wanted`, where the system allows.
  private func workers(_ wanted: Int) -> [Worker] {
    _ = Fork.isPrepared
    return team.withLock { team in
      while team.count < wanted {
        let worker = Worker(share: team.count + 1, of: self)
        if !startThread({ worker.work() }) { break }
        team.append(worker)
      }
      return team
    }
  }

  /// The number of threads that were started.
  var count: Int { team.withLock(\.count) }

  func prepareFork() { team.hold() }
  func finishFork() { team.letGo() }

  /// In the child of a fork: starts without workers, since neither they nor the thread that ran a job exist here.
  func startAnew() {
    busy.store(false, ordering: .relaxed)
    team.letGo { $0 = [] }
  }
}

#if os(WASI)
  /// There are no threads: every job is its caller's.
  package func startThread(_ life: @escaping @Sendable () -> Void) -> Bool { false }
#else
  /// Starts a thread that ends when `life` returns; false where the system allows no more.
  package func startThread(_ life: @escaping @Sendable () -> Void) -> Bool {
    let box = Unmanaged.passRetained(ThreadLife(life))
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let failure = pthread_create(
      &thread, nil,
      { context in
        #if canImport(Darwin)
          let life = Unmanaged<ThreadLife>.fromOpaque(context).takeRetainedValue()
        #else
          guard let context else { return nil }
          let life = Unmanaged<ThreadLife>.fromOpaque(context).takeRetainedValue()
        #endif
        life.run()
        return nil
      }, box.toOpaque())
    if failure != 0 { box.release() }
    return failure == 0
  }
#endif

/// A thread that does one share of each job that is posted to it.
private final class Worker: Sendable {
  private enum State {
    static let idle = 0
    static let posted = 1
    static let running = 2
    static let asleep = 3
  }

  private let state = Atomic(State.idle)
  private let share: Int
  private unowned let team: Workers
  private let gate = SleepGate()
  /// Keeps the words of two workers out of one pair of cache lines, which processors fetch together.
  private let distance = InlineArray<16, Int>(repeating: 0)

  init(share: Int, of team: Workers) {
    self.share = share
    self.team = team
  }

  /// Offers this worker its share of the job.
  func post() {
    if state.exchange(State.posted, ordering: .acquiringAndReleasing) == State.asleep { gate.wake() }
  }

  /// Takes the share back; false where the worker has begun it.
  func withdraw() -> Bool {
    state.compareExchange(expected: State.posted, desired: State.idle, ordering: .acquiringAndReleasing).exchanged
  }

  func waitUntilDone(_ patience: Patience) {
    patience.wait { state.load(ordering: .acquiring) != State.running }
  }

  /// The life of the thread.
  func work() {
    while true {
      waitForShare()
      team.doShare(share)
      state.store(State.idle, ordering: .releasing)
    }
  }

  private func waitForShare() {
    while true {
      let patience = Patience(shares: share + 1)
      let isPosted = patience.waitBriefly { state.load(ordering: .relaxed) == State.posted }
      if isPosted {
        if state.compareExchange(expected: State.posted, desired: State.running, ordering: .acquiring).exchanged { return }
      } else if state.compareExchange(expected: State.idle, desired: State.asleep, ordering: .relaxed).exchanged {
        gate.wait { state.load(ordering: .relaxed) == State.asleep }
      }
    }
  }
}

/// How long a thread looks for a change that another thread will make.
private struct Patience {
  /// Whether there may be more threads than processors: then whoever looks keeps from work the thread that it looks for.
  let isCrowded: Bool

  init(shares: Int) { isCrowded = shares > Processor.current.availableProcessors }

  /// The time for which an idle worker looks: long enough to bridge two steps of a recurrence.
  private static let brief = 50_000
  private static let briefInCrowd = 2_000

  /// Looks for some microseconds; false if nothing changed.
  func waitBriefly(_ isChanged: () -> Bool) -> Bool {
    let end = monotonicNanoseconds() + (isCrowded ? Patience.briefInCrowd : Patience.brief)
    repeat {
      for _ in 0..<32 {
        if isChanged() { return true }
        spinHint()
      }
    } while monotonicNanoseconds() < end
    return false
  }

  /// Looks until something changes, and lets other threads run where there are more than processors, or after a while.
  func wait(_ isChanged: () -> Bool) {
    var looks = 0
    while !isChanged() {
      looks += 1
      if looks % (isCrowded ? 16 : 4096) == 0 { sched_yield() } else { spinHint() }
    }
  }
}

func monotonicNanoseconds() -> Int {
  #if os(WASI)
    // Its clocks are macros that Swift does not see, and an `Int` has 32 bits there.
    var time = timeval()
    gettimeofday(&time, nil)
    return Int(truncatingIfNeeded: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_usec) &* 1000)
  #else
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec &* 1_000_000_000 &+ time.tv_nsec
  #endif
}

private final class ThreadLife: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

#if os(WASI)
  /// Nobody sleeps where there is one thread.
  package final class SleepGate: Sendable {
    package init() {}
    package func wait(while isIdle: () -> Bool) {}
    package func wake() {}
  }
#else
  /// A condition variable on which one idle thread sleeps.
  package final class SleepGate: Sendable {
    /// Initialised once and never moved, as the system requires; used only through the system's thread-safe functions.
    private nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// Likewise.
    private nonisolated(unsafe) let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init() {
      pthread_mutex_init(mutex, nil)
      pthread_cond_init(condition, nil)
    }

    /// Sleeps while `isIdle` returns true.
    package func wait(while isIdle: () -> Bool) {
      pthread_mutex_lock(mutex)
      while isIdle() { pthread_cond_wait(condition, mutex) }
      pthread_mutex_unlock(mutex)
    }

    package func wake() {
      pthread_mutex_lock(mutex)
      pthread_cond_signal(condition)
      pthread_mutex_unlock(mutex)
    }

    deinit {
      pthread_cond_destroy(condition)
      pthread_mutex_destroy(mutex)
      condition.deallocate()
      mutex.deallocate()
    }
  }
#endif
