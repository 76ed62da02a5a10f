internal import UnrollKernelTemplates

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
    public let cores: Int
    /// Bytes of the data caches that one core sees, innermost first; empty where unknown.
    public let caches: [Int]

    public var description: String {
      let others = availableKernels.filter { $0 != kernels }
      let choice = others.isEmpty ? "the only ones here" : "also here: \(others.joined(separator: ", "))"
      let sizes = caches.map { $0 >= 1 << 20 ? "\($0 >> 20) MB" : "\($0 >> 10) KB" }
      return """
        kernels  \(kernels), \(float32Width) floats at a time (\(choice))
        threads  \(threads) of \(cores) processors
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
      float32Width: table.float32.products.panelWidth / 2, threads: threadCount, cores: Processor.current.availableCores,
      caches: Processor.current.caches)
  }
}
