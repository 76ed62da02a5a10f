/// A block of memory that arrays share: aligned to 64 bytes, uninitialised when new, given back to the pool at the end.
final class Storage: Sendable {
  /// Written only through an array that holds the only reference to this object, or by the kernel that fills a block that
  /// nobody else has seen yet.
  nonisolated(unsafe) let pointer: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    pointer = MemoryPool.take(byteCount)
  }

  deinit { MemoryPool.giveBack(pointer, byteCount) }
}
