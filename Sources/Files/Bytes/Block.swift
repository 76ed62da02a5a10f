internal import UnrollArrays

/// Some bytes in a storage of their own, which may be larger than they are.
struct Block: Sendable {
  /// Written by whoever made the block, before anybody else has it: see `Storage`.
  nonisolated(unsafe) let storage: Storage
  let byteCount: Int

  /// Fresh bytes, which the caller must all write.
  init(byteCount: Int) {
    storage = Storage.with(byteCount: byteCount)
    self.byteCount = byteCount
  }

  /// Where the bytes are; valid as long as the block is kept.
  var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: storage.pointer, count: byteCount) }
}
