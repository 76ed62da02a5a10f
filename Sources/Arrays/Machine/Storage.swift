/// A block of memory that arrays share, uninitialised when new.
///
/// Up to `fewBytes` are stored inline behind the object, in one allocation; larger blocks come from the pool, aligned to 64
/// bytes, and return to it in `deinit`.
///
/// Holders may be `nonisolated(unsafe)`: a block is written only through an array that holds its only reference, or by the
/// kernel that fills a new block before anyone else has seen it.
package final class Storage: ManagedBuffer<Storage.Block, UInt64> {
  package struct Block {
    let pointer: UnsafeMutableRawPointer
    let byteCount: Int
  }

  /// The most bytes that are stored inline.
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

  // Through a pointer, because reading `header` itself would check exclusivity every time.
  package var pointer: UnsafeMutableRawPointer { withUnsafeMutablePointerToHeader { $0.pointee.pointer } }
  package var byteCount: Int { withUnsafeMutablePointerToHeader { $0.pointee.byteCount } }

  deinit {
    if byteCount > Storage.fewBytes { MemoryPool.giveBack(pointer, byteCount) }
  }
}
