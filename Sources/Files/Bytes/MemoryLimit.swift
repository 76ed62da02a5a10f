internal import UnrollArrays

#if canImport(Darwin)
  import Darwin
#endif

/// The memory that the contents of a file may take. A small file can declare more than any machine has.
enum MemoryLimit {
  /// The default: half of the memory available to this process.
  static let standard = available / 2

  /// The minimum of the machine's memory, the control group's limit and the address space.
  private static var available: Int {
    #if canImport(Darwin)
      var memory = 0
      var size = MemoryLayout<Int>.size
      return sysctlbyname("hw.memsize", &memory, &size, nil, 0) == 0 && memory > 0 ? memory : Int.max
    #else
      let machine = number(after: "MemTotal:", of: Environment.text(ofFile: "/proc/meminfo")).map { $0 << 10 }
      let space = number(after: "Max address space", of: Environment.text(ofFile: "/proc/self/limits"))
      let groups = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"].map {
        number(after: "", of: Environment.text(ofFile: $0))
      }
      return ([machine, space] + groups).compactMap { $0 }.filter { $0 > 0 }.min() ?? Int.max
    #endif
  }

  /// The number that follows a word at the beginning of a line; nil where there is none.
  private static func number(after word: String, of text: String?) -> Int? {
    let line = text?.split(separator: "\n").first { $0.hasPrefix(word) }
    return (line?.dropFirst(word.count).split(separator: " ").first).flatMap { Int($0) }
  }

  /// The given limit, or the default where it is nil. Stops if it is negative.
  static func checked(_ limit: Int?, _ operation: String) -> Int {
    if let limit { require(limit >= 0, "\(operation): a memory limit of \(limit) bytes is negative") }
    return limit ?? standard
  }

  static func check(_ what: String, _ count: Int, within limit: Int, at offset: Int? = nil) throws(ArrayFileError) {
    if count > limit {
      throw ArrayFileError(
        .excessive, "\(what) would take \(count) bytes of memory, more than the limit of \(limit)", at: offset)
    }
  }
}
