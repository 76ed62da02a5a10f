/// Calls `body` with scratch memory from the pool, for the duration of the call.
func withScratch<R>(byteCount: Int, _ body: (UnsafeMutableRawPointer) throws -> R) rethrows -> R {
  let block = MemoryPool.take(byteCount)
  defer { MemoryPool.giveBack(block, byteCount) }
  return try body(block)
}
