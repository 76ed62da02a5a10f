import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The threads that share a large kernel's work with the calling thread.
///
/// One job runs at a time. A caller that finds the workers busy, a nested call included, does all of its work alone. So no job
/// ever waits for another, and no thread of Swift's cooperative pool is blocked. Between jobs a worker spins for some
/// microseconds, long enough to bridge two steps of a recurrence, and then sleeps.
final class Workers: Sendable {
  static let shared = Workers()

  /// The number of times that an idle worker looks for a job before it sleeps: about 50 µs.
  private static let patience = 20_000

  private let busy = Atomic(false)
  private let started = Guarded(0)
  private let nextPart = Atomic(0)
  private let sleepers = Atomic(0)
  private let sleep = SleepGate()

  /// The job's number, whether workers may still join it, and how many have joined; see `JobState`.
  private let state = Atomic(0)

  /// The job. Written by the thread that holds `busy` before it opens the job, read by workers that have joined, and unchanged
  /// until the last of them has left.
  private nonisolated(unsafe) var body: (Int) -> Void = { _ in }
  /// The number of its parts, under the same rule.
  private nonisolated(unsafe) var parts = 0

  /// Calls `body` for every part in `0..<parts`, in any order, on this thread and up to `parts` − 1 workers. Returns false,
  /// with nothing done, where the workers are busy.
  func run(parts: Int, _ body: (Int) -> Void) -> Bool {
    guard busy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else { return false }
    start(parts - 1)
    withoutActuallyEscaping(body) { job in
      self.body = job
      self.parts = parts
      nextPart.store(0, ordering: .relaxed)
      let open = JobState.opened(after: state.load(ordering: .relaxed))
      state.store(open, ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 { sleep.wakeAll() }
      takeParts()
      // No part is left. Workers that have not joined need not; those that have must finish.
      state.bitwiseAnd(~JobState.open, ordering: .acquiringAndReleasing)
      var looks = 0
      while JobState.workers(state.load(ordering: .acquiring)) > 0 {
        looks += 1
        if looks % 10_000 == 0 { sched_yield() }
      }
      self.body = { _ in }
    }
    busy.store(false, ordering: .releasing)
    return true
  }

  /// Runs parts of the job until none is left. Out of line, so that its reference to the job is released on return: the job is
  /// borrowed from the caller, who continues as soon as every worker has left.
  @inline(never)
  private func takeParts() {
    let job = body
    let parts = parts
    while true {
      let part = nextPart.add(1, ordering: .relaxed).oldValue
      if part >= parts { return }
      job(part)
    }
  }

  /// Starts threads until at least `wanted` workers exist, where the system allows.
  private func start(_ wanted: Int) {
    _ = Fork.isPrepared
    started.withLock { count in
      while count < wanted {
        if !Workers.startThread({ [self] in work() }) { break }
        count += 1
      }
    }
  }

  /// The loop of a worker: it joins one job after another.
  private func work() {
    var last = 0
    while true {
      last = joinJob(after: last)
      takeParts()
      state.subtract(1, ordering: .releasing)
    }
  }

  /// Waits for an open job other than the last one, joins it and returns its number.
  private func joinJob(after last: Int) -> Int {
    while true {
      for _ in 0..<Workers.patience {
        let current = state.load(ordering: .acquiring)
        if JobState.isOpen(current, after: last),
          state.compareExchange(expected: current, desired: current + 1, ordering: .acquiringAndReleasing).exchanged
        {
          return JobState.number(current)
        }
      }
      sleepers.add(1, ordering: .sequentiallyConsistent)
      sleep.wait { !JobState.isOpen(state.load(ordering: .sequentiallyConsistent), after: last) }
      sleepers.subtract(1, ordering: .relaxed)
    }
  }

  func prepareFork() {
    started.hold()
    sleep.hold()
  }

  func finishFork() {
    sleep.letGo()
    started.letGo()
  }

  /// In the child of a fork: resets the state, since neither the workers nor the thread that ran a job exist here.
  func startAnew() {
    sleep.startAnew()
    sleepers.store(0, ordering: .relaxed)
    state.store(0, ordering: .relaxed)
    busy.store(false, ordering: .relaxed)
    started.letGo { $0 = 0 }
  }

  private static func startThread(_ life: @escaping @Sendable () -> Void) -> Bool {
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
}

/// The state of a job in one word: sixteen bits count its workers, one bit says whether others may join, the rest are its
/// number.
private enum JobState {
  static let open = 1 << 16

  static func number(_ state: Int) -> Int { state >> 17 }
  static func workers(_ state: Int) -> Int { state & 0xFFFF }
  static func isOpen(_ state: Int, after last: Int) -> Bool { state & open != 0 && number(state) != last }
  static func opened(after state: Int) -> Int { (number(state) &+ 1) << 17 | open }
}

private final class ThreadLife: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// A condition variable on which idle threads sleep until they are all woken.
private final class SleepGate: Sendable {
  /// Initialised once and never moved, as the system requires; used only through the system's thread-safe functions.
  private nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  /// Likewise.
  private nonisolated(unsafe) let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  /// Sleeps while `idle` returns true.
  func wait(while idle: () -> Bool) {
    pthread_mutex_lock(mutex)
    while idle() { pthread_cond_wait(condition, mutex) }
    pthread_mutex_unlock(mutex)
  }

  func hold() { pthread_mutex_lock(mutex) }
  func letGo() { pthread_mutex_unlock(mutex) }

  /// In the child of a fork: starts with no sleepers.
  func startAnew() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  func wakeAll() {
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }
}

/// Splits `0..<count` into ranges, at most one per thread, and calls `body` for each, on this thread and on workers.
///
/// A range starts at a multiple of `grain`, and only the last may be shorter than `grain`, so that the split respects the
/// structure of the work. `body` runs on this thread alone where there is only one grain of work or the workers are busy.
package func parallel(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
  if count <= 0 { return }
  let grains = (count - 1) / grain + 1
  let parts = min(Machine.operationThreads, grains)
  if parts > 1 {
    let shared = Workers.shared.run(parts: parts) { part in
      let first = grains * part / parts * grain
      let last = min(grains * (part + 1) / parts * grain, count)
      body(first..<last)
    }
    if shared { return }
  }
  body(0..<count)
}
