/// Gives a kernel memory of the pool to work in, for the duration of a call.
func withScratch<R>(byteCount: Int, _ body: (UnsafeMutableRawPointer) throws -> R) rethrows -> R {
  let block = MemoryPool.take(byteCount)
  defer { MemoryPool.giveBack(block, byteCount) }
  return try body(block)
}
