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
