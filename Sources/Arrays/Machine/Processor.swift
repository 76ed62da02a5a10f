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

/// The capabilities of the processor and this process's share of it, as reported by the operating system.
struct Processor: Sendable {
  /// Whether the processor has every instruction of x86-64-v3.
  var runsAVX2 = false
  /// Whether the processor has every instruction of x86-64-v4.
  var runsAVX512 = false
  /// Processors that this process may use, by its affinity mask and the quotas of its control groups.
  var availableProcessors = 1
  /// The same, with processors that share a core counted once: their threads would share its arithmetic units.
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
      processor.availableProcessors = Processor.number("hw.perflevel0.logicalcpu") ?? Processor.number("hw.logicalcpu") ?? 1
      processor.availableCores =
        Processor.number("hw.perflevel0.physicalcpu") ?? Processor.number("hw.physicalcpu") ?? processor.availableProcessors
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
      let read = { Environment.text(ofFile: $0) }
      let allowed = Processor.allowed(Processor.line("Cpus_allowed_list", of: read("/proc/self/status")).map(String.init))
      let quota = Processor.quota(groups: read("/proc/self/cgroup") ?? "", read) ?? Int.max
      processor.availableProcessors = max(1, min(allowed.count, quota))
      processor.availableCores = max(1, min(Processor.coreCount(of: allowed, read), quota))
      processor.caches = Processor.cacheSizes()
      return processor
    }

    private static func line(_ key: String, of text: String?) -> Substring? {
      text?.split(separator: "\n").first { $0.hasPrefix(key) }?.split(separator: ":", maxSplits: 1).last
    }

    /// The numbers of a list of processors such as "0-3,8"; those that are online where there is no list.
    static func allowed(_ list: String?) -> [Int] {
      guard let list else { return Array(0..<max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))) }
      return list.split(separator: ",").flatMap { run -> [Int] in
        let ends = run.split(separator: "-").compactMap { Int($0.filter(\.isNumber)) }
        guard let first = ends.first, let last = ends.last, first <= last else { return [] }
        return Array(first...last)
      }
    }

    /// The cores that processors belong to, by the lists of those that share a core; a processor without a list is a core.
    static func coreCount(of processors: [Int], _ read: (_ path: String) -> String?) -> Int {
      Set(
        processors.map { processor in
          let folder = "/sys/devices/system/cpu/cpu\(processor)/topology/"
          return read(folder + "core_cpus_list") ?? read(folder + "thread_siblings_list") ?? "\(processor)"
        }
      ).count
    }

    /// The processors that the control groups grant, rounded up; nil where there is no limit. A group is bound by the quotas of
    /// all groups that contain it, so the smallest counts.
    static func quota(groups: String, _ read: (_ path: String) -> String?) -> Int? {
      var quotas: [Int?] = []
      for line in groups.split(separator: "\n") {
        // "0::/path" in version 2, "number:controllers:/path" in version 1.
        let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3 else { continue }
        let isSecond = fields[0] == "0" && fields[1].isEmpty
        guard isSecond || fields[1].split(separator: ",").contains("cpu") else { continue }
        let root = "/sys/fs/cgroup" + (isSecond ? "" : "/cpu")
        var names = fields[2].split(separator: "/")
        while true {
          let folder = ([root] + names.map(String.init)).joined(separator: "/") + "/"
          quotas.append(
            isSecond
              ? quotient(read(folder + "cpu.max"))
              : quotient(
                read(folder + "cpu.cfs_quota_us").flatMap { quota in read(folder + "cpu.cfs_period_us").map { quota + " " + $0 }
                }))
          if names.popLast() == nil { break }
        }
      }
      return quotas.compactMap(\.self).min()
    }

    /// A quota and its period, such as "150000 100000"; nil for "max 100000" and "-1 100000".
    private static func quotient(_ text: String?) -> Int? {
      guard let fields = text?.split(whereSeparator: \.isWhitespace), fields.count == 2, let quota = Int(fields[0]),
        let period = Int(fields[1]), quota > 0, period > 0
      else { return nil }
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
