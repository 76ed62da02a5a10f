import Synchronization
package import UnrollKernelTemplates
import UnrollKernelsPortable

#if arch(x86_64) && InstructionSets && (os(Linux) || os(macOS))
  import UnrollKernelsAVX2
  import UnrollKernelsAVX512
#endif

/// The machine this process runs on: the kernels that fit it and the threads that share its work.
public enum Machine {
  /// The kernel tables that this machine can run, narrowest first.
  package static let availableTables: [KernelTable] = {
    #if arch(x86_64) && InstructionSets && (os(Linux) || os(macOS))
      var tables = [portable]
      if Processor.current.runsAVX2 { tables.append(avx2) }
      if Processor.current.runsAVX512 { tables.append(avx512) }
      return tables
    #else
      return [portable]
    #endif
  }()

  /// The kernels that arrays use: the widest that the machine can run, or the table named by `UNROLL_KERNELS`.
  static let table: KernelTable = {
    let widest = availableTables[availableTables.count - 1]
    guard let wish = Environment.value("UNROLL_KERNELS") else { return widest }
    if let table = availableTables.first(where: { $0.name == wish }) { return table }
    Environment.complain(refusal(of: wish, available: availableTables.map(\.name)))
    return widest
  }()

  static func refusal(of wish: String, available: [String]) -> String {
    knownTables.contains(wish)
      ? "UNROLL_KERNELS=\(wish) is ignored: this machine or this build lacks those kernels (it has \(available.joined(separator: ", ")))"
      : "UNROLL_KERNELS=\(wish) is ignored: not a kernel table (there are \(knownTables.joined(separator: ", ")))"
  }

  private static let knownTables = ["portable", "avx2", "avx512"]

  static func kernels(for type: ElementType) -> Kernels {
    type == .float32 ? table.float32 : table.float64
  }

  /// The largest number of threads that one operation may use.
  public static let maximumThreadCount = 256

  private static let threads = Atomic(defaultThreadCount)
  /// The number of tasks in progress that distribute themselves over the threads.
  private static let spreadWorks = Atomic(0)

  /// The largest number of threads that one operation may use, the calling one included. Starts as the number of cores that this
  /// process may use, or as the value of `UNROLL_THREADS`. An operation takes fewer where more would not make it faster, and
  /// never more than there are processors. Results never depend on it, not by one bit.
  ///
  ///     Machine.threadCount = 1  // leave the other processors to other work
  public static var threadCount: Int {
    get { threads.load(ordering: .relaxed) }
    set {
      require(
        (1...maximumThreadCount).contains(newValue), "threadCount: \(newValue) is not between 1 and \(maximumThreadCount)")
      threads.store(newValue, ordering: .relaxed)
    }
  }

  /// The number of threads that an operation may use now.
  package static var operationThreads: Int {
    if spreadWorks.load(ordering: .relaxed) > 0 { return 1 }
    return splitsEverything ? threadCount : min(threadCount, Processor.current.availableProcessors)
  }

  private static let splitting = Atomic(false)

  /// Whether every job is split into as many shares as its structure and `threadCount` allow, however small it is and however few
  /// processors there are. For tests, which want small jobs and many threads.
  package static var splitsEverything: Bool {
    get { splitting.load(ordering: .relaxed) }
    set { splitting.store(newValue, ordering: .relaxed) }
  }

  /// Runs work that distributes itself over the threads; meanwhile each operation uses one thread. Such tasks are counted
  /// instead of changing `threadCount`, so that they may overlap in any order and a new `threadCount` set meanwhile stays.
  package static func spreading<Result, Failure>(
    isolation: isolated (any Actor)? = #isolation, _ work: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    spreadWorks.add(1, ordering: .relaxed)
    defer { spreadWorks.subtract(1, ordering: .relaxed) }
    return try await work()
  }

  private static let defaultThreadCount: Int = {
    let available = min(Processor.current.availableCores, maximumThreadCount)
    guard let wish = Environment.value("UNROLL_THREADS") else { return available }
    if let count = Int(wish), (1...maximumThreadCount).contains(count) { return count }
    Environment.complain(
      "UNROLL_THREADS=\(wish) is ignored: it is not a whole number from 1 to \(maximumThreadCount) (using \(available))")
    return available
  }()
}

extension Machine {
  /// Stores the result of the loop, so that it is not optimised away.
  private static let kept = Atomic(0)

  /// Runs 24 · count multiply-adds of vectors in registers and nothing else, on this thread: the peak that measurements compare
  /// with.
  package static func multiplyAddOnly(_ type: ElementType, count: Int) {
    let result = kernels(for: type).products.multiplyAddOnly(count)
    kept.store(Int(result), ordering: .relaxed)
  }

  /// The number of floating-point operations of `multiplyAddOnly`.
  package static func multiplyAddFlops(_ type: ElementType, count: Int) -> Double {
    Double(48 * count * kernels(for: type).products.panelWidth / 2)
  }
}

extension Machine {
  /// The choices made for this machine: printable, and worth keeping beside every measured figure.
  public struct Report: Sendable, CustomStringConvertible {
    /// The name of the kernel table in use: `portable`, `avx2` or `avx512`.
    public let kernels: String
    /// The tables that this machine could run.
    public let availableKernels: [String]
    /// The float32 numbers that one instruction handles.
    public let float32Width: Int
    /// Threads that one operation may use.
    public let threads: Int
    /// Processors that this process may use.
    public let processors: Int
    /// Bytes of the data caches that one core sees, innermost first; empty where unknown.
    public let caches: [Int]

    public var description: String {
      let others = availableKernels.filter { $0 != kernels }
      let choice = others.isEmpty ? "the only ones here" : "also here: \(others.joined(separator: ", "))"
      let sizes = caches.map { $0 >= 1 << 20 ? "\($0 >> 20) MB" : "\($0 >> 10) KB" }
      return """
        kernels  \(kernels), \(float32Width) floats at a time (\(choice))
        threads  \(threads) of \(processors) processors
        caches   \(sizes.isEmpty ? "unknown" : sizes.joined(separator: ", "))
        """
    }
  }

  /// The kernels, threads and caches that this process uses.
  ///
  ///     print(Machine.report)
  public static var report: Report {
    Report(
      kernels: table.name, availableKernels: availableTables.map(\.name),
      float32Width: table.float32.products.panelWidth / 2, threads: threadCount,
      processors: Processor.current.availableProcessors,
      caches: Processor.current.caches)
  }
}
