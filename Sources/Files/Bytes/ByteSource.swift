internal import UnrollArrays

#if canImport(Darwin)
  import Darwin
#endif

#if _endian(big)
  #error("Array files are little-endian, and so must be the machine.")
#endif

/// The source of a reader's bytes.
enum ByteSource: Sendable {
  case file(File)
  case bytes([UInt8])
  case block(Block)

  var count: Int {
    switch self {
    case .file(let file): file.byteCount
    case .bytes(let bytes): bytes.count
    case .block(let block): block.byteCount
    }
  }

  var path: String? {
    if case .file(let file) = self { file.path } else { nil }
  }

  /// The most bytes of memory that a read may take. Bytes in memory are not limited: they exist already.
  var memoryLimit: Int {
    if case .file(let file) = self { file.memoryLimit } else { Int.max }
  }

  /// Throws unless `count` bytes lie at `offset`.
  func check(_ what: String, at offset: Int, count: Int) throws(ArrayFileError) {
    if offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset { return }
    throw ArrayFileError(
      .truncated, "\(what) needs \(count) bytes here, but the file has \(self.count) in all", at: offset, file: path)
  }

  /// Throws unless `count` bytes lie at `offset` and may be taken into memory.
  func checkRoom(_ what: String, at offset: Int, count: Int) throws(ArrayFileError) {
    try check(what, at: offset, count: count)
    do throws(ArrayFileError) { try MemoryLimit.check(what, count, within: memoryLimit, at: offset) } catch {
      throw error.located(file: path)
    }
  }

  /// Fills the buffer with the bytes from `offset` on.
  func read(_ what: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ArrayFileError) {
    try check(what, at: offset, count: buffer.count)
    switch self {
    case .file(let file):
      try file.read(at: offset, into: buffer)
    case .bytes(let bytes):
      bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + buffer.count])) }
    case .block(let block):
      withExtendedLifetime(block) {
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: block.bytes[offset..<offset + buffer.count]))
      }
    }
  }

  /// A copy of some bytes. Nothing is allocated before the source is known to have that many.
  func bytes(_ what: String, at offset: Int, count: Int) throws(ArrayFileError) -> [UInt8] {
    try checkRoom(what, at: offset, count: count)
    var bytes = [UInt8](repeating: 0, count: count)
    var failure: ArrayFileError?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(ArrayFileError) { try read(what, at: offset, into: buffer) } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The same in a block of its own.
  func block(_ what: String, at offset: Int, count: Int) throws(ArrayFileError) -> Block {
    try checkRoom(what, at: offset, count: count)
    let block = Block(byteCount: count)
    try read(what, at: offset, into: block.bytes)
    return block
  }
}

/// A file's bytes, read a piece at a time.
package struct FileBytes: Sendable {
  private let source: ByteSource
  /// The file's path.
  package let path: String

  /// Opens a regular file without reading it.
  package init(_ path: String) throws(ArrayFileError) {
    source = .file(try File(path))
    self.path = path
  }

  /// The size of the file.
  package var count: Int { source.count }

  /// A range of bytes; `what` is its name in messages.
  package func bytes(_ what: String, at offset: Int, count: Int) throws(ArrayFileError) -> [UInt8] {
    try source.bytes(what, at: offset, count: count)
  }
}

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
