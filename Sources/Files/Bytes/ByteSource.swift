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
