internal import UnrollArrays

/// Bytes in a storage of their own, which may be larger.
struct Block: Sendable {
  /// Written by its creator before anyone else has it: see `Storage`.
  nonisolated(unsafe) let storage: Storage
  let byteCount: Int

  /// Uninitialised bytes, all of which the caller must write.
  init(byteCount: Int) {
    storage = Storage.with(byteCount: byteCount)
    self.byteCount = byteCount
  }

  /// The bytes; valid while the block lives.
  var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: storage.pointer, count: byteCount) }
}
