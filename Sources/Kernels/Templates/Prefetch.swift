/// Asks for the cache line at an address, which may be anything, and does not wait for it.
///
/// Swift has no word for this; LLVM has, and a function of that name becomes the one instruction. Loads would not do: one that misses
/// holds up everything behind it.
@inlinable @inline(__always)
func prefetch<Scalar>(_ address: UnsafePointer<Scalar>) { prefetch(UnsafeRawPointer(address), 0, 3, 1) }

/// Asks for the lines of so many bytes.
@inlinable @inline(__always)
func prefetch(_ address: UnsafeRawPointer, byteCount: Int) {
  var offset = 0
  while offset < byteCount {
    prefetch(address + offset, 0, 3, 1)
    offset &+= 64
  }
}

/// `write` 0 is for reading, `locality` 3 for all levels of the cache, `cache` 1 that of data; all must be literals.
@_silgen_name("llvm.prefetch.p0")
@usableFromInline
func prefetch(_ address: UnsafeRawPointer, _ write: Int32, _ locality: Int32, _ cache: Int32)
