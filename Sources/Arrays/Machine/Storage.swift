/// A block of memory that arrays share, uninitialised when new.
///
/// A few numbers lie behind the object itself, one allocation for both; more come from the pool, aligned to 64 bytes, and
/// return there at the end.
///
/// Who holds it may call that `nonisolated(unsafe)`, as it is written only through an array that holds the only reference to
/// it, or by the kernel that fills a block that nobody else has seen yet.
package final class Storage: ManagedBuffer<Storage.Block, UInt64> {
  package struct Block {
    let pointer: UnsafeMutableRawPointer
    let byteCount: Int
  }

  /// The most bytes that lie behind the object.
  static let fewBytes = 64

  package static func with(byteCount: Int) -> Storage {
    let isSmall = byteCount <= fewBytes
    let storage = create(minimumCapacity: isSmall ? fewBytes / 8 : 0) { buffer in
      let pointer =
        isSmall
        ? buffer.withUnsafeMutablePointerToElements { UnsafeMutableRawPointer($0) } : MemoryPool.take(byteCount)
      return Block(pointer: pointer, byteCount: byteCount)
    }
    return unsafeDowncast(storage, to: Storage.self)
  }

  // By address: reading `header` itself would check for overlapping accesses each time.
  package var pointer: UnsafeMutableRawPointer { withUnsafeMutablePointerToHeader { $0.pointee.pointer } }
  package var byteCount: Int { withUnsafeMutablePointerToHeader { $0.pointee.byteCount } }

  deinit {
    if byteCount > Storage.fewBytes { MemoryPool.giveBack(pointer, byteCount) }
  }
}
