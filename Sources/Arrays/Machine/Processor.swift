#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The capabilities of the processor and this process's share of it, as reported by the operating system.
struct Processor: Sendable {
  /// Whether the processor has every instruction of x86-64-v3.
  var runsAVX2 = false
  /// Whether the processor has every instruction of x86-64-v4.
  var runsAVX512 = false
  /// Processors that this process may use, by its affinity mask and its control group's quota.
  var availableCores = 1
  /// Bytes of the caches that one core sees, innermost first; empty where unknown.
  var caches: [Int] = []

  static let current = detected()

  /// The features that x86-64-v3 adds to the baseline, under the names that Linux prints.
  static let level3 = [
    "cx16", "lahf_lm", "popcnt", "pni", "ssse3", "sse4_1", "sse4_2", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm",
    "movbe", "xsave",
  ]
  /// The features that x86-64-v4 adds to x86-64-v3.
  static let level4 = ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]
}

#if canImport(Darwin)
  extension Processor {
    private static func detected() -> Processor {
      var processor = Processor()
      processor.availableCores = Processor.number("hw.perflevel0.logicalcpu") ?? Processor.number("hw.logicalcpu") ?? 1
      processor.caches = ["hw.l1dcachesize", "hw.l2cachesize", "hw.l3cachesize"].compactMap(Processor.number).filter { $0 > 0 }
      processor.runsAVX2 = ["avx2_0", "fma", "bmi1", "bmi2", "f16c", "movbe"]
        .allSatisfy { Processor.number("hw.optional.\($0)") == 1 }
      processor.runsAVX512 =
        processor.runsAVX2
        && ["f", "bw", "cd", "dq", "vl"].allSatisfy { Processor.number("hw.optional.avx512\($0)") == 1 }
      return processor
    }

    private static func number(_ name: String) -> Int? {
      var value = 0
      var size = MemoryLayout<Int>.size
      return sysctlbyname(name, &value, &size, nil, 0) == 0 ? value : nil
    }
  }
#else
  extension Processor {
    private static func detected() -> Processor {
      var processor = Processor()
      // The kernel omits features that it has masked, so a listed flag may be used.
      if let line = Processor.line("flags", of: Environment.text(ofFile: "/proc/cpuinfo")) {
        let flags = Set(line.split(separator: " ").map(String.init))
        processor.runsAVX2 = flags.isSuperset(of: Processor.level3)
        processor.runsAVX512 = processor.runsAVX2 && flags.isSuperset(of: Processor.level4)
      }
      processor.availableCores = max(1, min(Processor.affinityCount(), Processor.quota() ?? Int.max))
      processor.caches = Processor.cacheSizes()
      return processor
    }

    private static func line(_ key: String, of text: String?) -> Substring? {
      text?.split(separator: "\n").first { $0.hasPrefix(key) }?.split(separator: ":", maxSplits: 1).last
    }

    /// The number of processors that the affinity mask allows, from a list such as "0-3,8".
    private static func affinityCount() -> Int {
      guard let list = Processor.line("Cpus_allowed_list", of: Environment.text(ofFile: "/proc/self/status")) else {
        return max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
      }
      return list.split(separator: ",").reduce(0) { total, run in
        let ends = run.split(separator: "-").compactMap { Int($0.filter(\.isNumber)) }
        guard let first = ends.first, let last = ends.last, first <= last else { return total }
        return total + last - first + 1
      }
    }

    /// The processors that the control group grants, rounded up; nil where there is no limit.
    private static func quota() -> Int? {
      if let fields = Environment.text(ofFile: "/sys/fs/cgroup/cpu.max")?.split(whereSeparator: \.isWhitespace),
        fields.count == 2
      {
        return quotient(fields[0], fields[1])
      }
      let folder = "/sys/fs/cgroup/cpu/"
      guard let quota = Environment.text(ofFile: folder + "cpu.cfs_quota_us")?.split(whereSeparator: \.isWhitespace).first,
        let period = Environment.text(ofFile: folder + "cpu.cfs_period_us")?.split(whereSeparator: \.isWhitespace).first
      else { return nil }
      return quotient(quota, period)
    }

    private static func quotient(_ quota: Substring, _ period: Substring) -> Int? {
      guard let quota = Int(quota), let period = Int(period), quota > 0, period > 0 else { return nil }
      return (quota - 1) / period + 1
    }

    private static func cacheSizes() -> [Int] {
      var sizes: [Int] = []
      for index in 0..<8 {
        let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)/"
        guard let kind = Environment.text(ofFile: folder + "type"), let size = Environment.text(ofFile: folder + "size")
        else { break }
        if kind.hasPrefix("Instruction") { continue }
        let digits = size.prefix { $0.isNumber }
        let unit = size.dropFirst(digits.count).first
        guard let count = Int(digits) else { continue }
        sizes.append(unit == "K" ? count << 10 : unit == "M" ? count << 20 : count)
      }
      return sizes
    }
  }
#endif
