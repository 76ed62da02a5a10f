/// Prefetches the cache line at an address without waiting for it. Any address is allowed.
///
/// Swift has no prefetch intrinsic, but a function with the symbol name of LLVM's compiles to that one instruction. An ordinary
/// load would not do: a miss stalls the instructions behind it.
@inlinable @inline(__always)
func prefetch<Scalar>(_ address: UnsafePointer<Scalar>) { prefetch(UnsafeRawPointer(address), 0, 3, 1) }

/// Prefetches all cache lines of a region.
@inlinable @inline(__always)
func prefetch(_ address: UnsafeRawPointer, byteCount: Int) {
  var offset = 0
  while offset < byteCount {
    prefetch(address + offset, 0, 3, 1)
    offset &+= 64
  }
}

/// LLVM's intrinsic. `write` 0 prefetches for reading, `locality` 3 into all cache levels, `cache` 1 into the data cache; all
/// three must be literals.
@_silgen_name("llvm.prefetch.p0")
@usableFromInline
func prefetch(_ address: UnsafeRawPointer, _ write: Int32, _ locality: Int32, _ cache: Int32)

#if arch(x86_64) || arch(i386)
  /// LLVM's intrinsic, by its symbol name as above.
  @_silgen_name("llvm.x86.sse2.pause")
  private func pause()

  /// Tells the processor that this thread looks at a word in memory until another thread changes it: a thread on the same core gets
  /// the arithmetic units meanwhile, and the change is seen sooner.
  public func spinHint() { pause() }
#elseif arch(arm64)
  /// LLVM's intrinsic, by its symbol name as above; 1 is the hint `yield`.
  @_silgen_name("llvm.aarch64.hint")
  private func hint(_ kind: Int32)

  /// Tells the processor that this thread looks at a word in memory until another thread changes it.
  public func spinHint() { hint(1) }
#else
  /// Other processors have no such hint.
  public func spinHint() {}
#endif
