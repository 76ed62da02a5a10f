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
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

/// Measurements that need a fresh process: the time until the first training step is done, and the memory that training takes.
struct ProcessCases {
  static func startup(into report: inout Report) {
    let runs = (0..<(report.quick ? 1 : 8)).map { _ in
      let start = now()
      return Double(child("first")) * 1e-9 - start
    }
    // The first run warms the page cache and is dropped.
    let sorted = runs.dropFirst(runs.count > 1 ? 1 : 0).sorted()
    var measurement = Measurement(median: sorted[sorted.count / 2], minimum: sorted[0], samples: sorted.count)
    measurement.figures = [("ms", measurement.median * 1e3)]
    report.add("startup", RecurrentCases.small.name, measurement)
  }

  static func memory(into report: inout Report) {
    let peak = Double(child("memory")) * 1e-6
    var measurement = Measurement(median: peak, minimum: peak, samples: 1)
    measurement.figures = [("peak_mb", peak)]
    report.add("rss", RecurrentCases.large.name, measurement)
  }

  /// Runs and prints the task of a child process.
  static func runChild(_ task: String) {
    switch task {
    case "first":
      step(RecurrentCases.small)()
      print(Int(now() * 1e9))
    case "memory":
      let step = step(RecurrentCases.large)
      for _ in 0..<20 { step() }
      print(peakResidentBytes)
    default: complain("unroll-bench: --child knows first and memory, not \(task)")
    }
  }

  private static func step(_ setting: RecurrentCases.Setting) -> () -> Void {
    let (model, x, target) = RecurrentCases.lstm(setting)
    return RecurrentCases.trainingStep(model, x, target) { $0($1).outputs }
  }

  /// Starts a child process, and returns the number that it prints.
  private static func child(_ task: String) -> Int {
    let command = "'\(CommandLine.arguments[0])' --child \(task) --threads \(Machine.threadCount)"
    guard let output = popen(command, "r") else { complain("unroll-bench: a child process could not be started") }
    var buffer = [CChar](repeating: 0, count: 64)
    let found = fgets(&buffer, Int32(buffer.count), output) != nil
    pclose(output)
    let digits = buffer.prefix { $0 >= 48 && $0 <= 57 }.map { UInt8($0) }
    guard found, let number = Int(String(decoding: digits, as: UTF8.self)) else {
      complain("unroll-bench: a child process printed nothing")
    }
    return number
  }

  private static var peakResidentBytes: Int {
    #if os(Linux)
      // The high-water mark of this process alone; getrusage reports one inherited from the parent.
      guard let status = fopen("/proc/self/status", "r") else { complain("unroll-bench: /proc/self/status cannot be read") }
      defer { fclose(status) }
      var line = [CChar](repeating: 0, count: 256)
      while fgets(&line, Int32(line.count), status) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if text.hasPrefix("VmHWM:") { return (Int(text.filter(\.isNumber)) ?? 0) * 1024 }
      }
      complain("unroll-bench: /proc/self/status has no VmHWM")
    #else
      var usage = rusage()
      getrusage(RUSAGE_SELF, &usage)
      return Int(usage.ru_maxrss)
    #endif
  }
}
