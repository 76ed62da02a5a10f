#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(WASILibc)
  import WASILibc
#else
  import Darwin
#endif

/// The memory of arrays. Freed blocks are reused, since fresh pages cost more than the arithmetic on them.
///
/// Block sizes come in classes, four to a doubling, so that at most a fifth of a block is unused. Unused blocks are kept up to
/// `limit`; `empty()` returns them to the system. Arrays of at most 64 bytes do not use the pool: their elements are stored
/// inline, behind the reference count of their storage.
///
///     print(MemoryPool.figures.bytesInUse)
///     MemoryPool.empty()
public enum MemoryPool {
  /// The contents of the pool, in bytes and blocks.
  public struct Figures: Sendable, Equatable {
    /// Bytes in blocks that arrays hold.
    public internal(set) var bytesInUse = 0
    /// Bytes in unused blocks.
    public internal(set) var bytesKept = 0
    /// The maximum of `bytesInUse` so far.
    public internal(set) var peakBytesInUse = 0
    /// Blocks that arrays hold.
    public internal(set) var blocksInUse = 0
    /// The number of blocks ever requested from the system.
    public internal(set) var systemAllocations = 0
  }

  private struct State: Sendable {
    /// The first unused block of every class; each block begins with the address of the next.
    var free = [UInt](repeating: 0, count: SizeClass.count)
    var figures = Figures()
    var limit = 1 << 30
  }

  private static let state = Guarded(State())

  /// The present contents of the pool.
  public static var figures: Figures { state.withLock { $0.figures } }

  /// The most bytes of unused blocks that the pool keeps; blocks beyond it go back to the system. Starts at 1 GiB.
  public static var limit: Int {
    get { state.withLock { $0.limit } }
    set {
      require(newValue >= 0, "MemoryPool.limit: \(newValue) is negative")
      state.withLock { $0.limit = newValue }
      release(downTo: newValue)
    }
  }

  /// Resets `figures.peakBytesInUse` to the bytes in use now.
  ///
  ///     MemoryPool.resetPeak()
  public static func resetPeak() { state.withLock { $0.figures.peakBytesInUse = $0.figures.bytesInUse } }

  /// Returns every unused block to the system.
  public static func empty() { release(downTo: 0) }

  /// A block of at least `byteCount` bytes, aligned to 64, with unknown contents.
  static func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let (index, size) = SizeClass.of(byteCount)
    let kept = state.withLock { state -> UInt in
      let first = state.free[index]
      if let block = UnsafeMutableRawPointer(bitPattern: first) {
        state.free[index] = block.load(as: UInt.self)
        state.figures.bytesKept -= size
      } else {
        state.figures.systemAllocations += 1
      }
      state.figures.blocksInUse += 1
      state.figures.bytesInUse += size
      state.figures.peakBytesInUse = max(state.figures.peakBytesInUse, state.figures.bytesInUse)
      return first
    }
    return UnsafeMutableRawPointer(bitPattern: kept) ?? allocate(size)
  }

  /// Takes a block back; `byteCount` is the size that was requested.
  static func giveBack(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
    let (index, size) = SizeClass.of(byteCount)
    let address = UInt(bitPattern: block)
    let kept = state.withLock { state -> Bool in
      state.figures.blocksInUse -= 1
      state.figures.bytesInUse -= size
      if state.figures.bytesKept + size > state.limit { return false }
      UnsafeMutableRawPointer(bitPattern: address)?.storeBytes(of: state.free[index], as: UInt.self)
      state.free[index] = address
      state.figures.bytesKept += size
      return true
    }
    if !kept { free(block) }
  }

  private static func release(downTo limit: Int) {
    // The blocks to free form a linked list, like the unused ones: an array would need memory when there may be none left.
    var first = state.withLock { state -> UInt in
      var first: UInt = 0
      for index in state.free.indices.reversed() {
        while state.figures.bytesKept > limit, let block = UnsafeMutableRawPointer(bitPattern: state.free[index]) {
          state.free[index] = block.load(as: UInt.self)
          state.figures.bytesKept -= SizeClass.size(index)
          block.storeBytes(of: first, as: UInt.self)
          first = UInt(bitPattern: block)
        }
      }
      return first
    }
    while let block = UnsafeMutableRawPointer(bitPattern: first) {
      first = block.load(as: UInt.self)
      free(block)
    }
  }

  static func prepareFork() { state.hold() }
  static func finishFork() { state.letGo() }

  private static let hugePage = 1 << 21

  private static func allocate(_ size: Int) -> UnsafeMutableRawPointer {
    _ = Fork.isPrepared
    var block: UnsafeMutableRawPointer?
    let large = size >= 2 * hugePage
    let alignment = large ? hugePage : 64
    if posix_memalign(&block, alignment, size) != 0 {
      // Returns the unused blocks to the system and tries once more.
      empty()
      if posix_memalign(&block, alignment, size) != 0 { block = nil }
    }
    guard let block else { stop("the system cannot allocate \(size) bytes for an array") }
    #if os(Linux)
      // Huge pages: fewer faults when the block is first written, and fewer misses of the page tables afterwards.
      if large { madvise(block, size, Int32(MADV_HUGEPAGE)) }
    #endif
    return block
  }
}

/// Block sizes: 64, 80, 96, 112, 128, 160, … bytes, four to a doubling.
private enum SizeClass {
  static let count = 4 * 57

  static func of(_ byteCount: Int) -> (index: Int, size: Int) {
    if byteCount <= 64 { return (0, 64) }
    // The octave is the position of the leading bit, the quarter the two bits below it.
    let octave = Int.bitWidth - 1 - (byteCount - 1).leadingZeroBitCount
    let quarter = ((byteCount - 1) >> (octave - 2)) & 3
    let index = 4 * (octave - 6) + quarter + 1
    return (index, size(index))
  }

  static func size(_ index: Int) -> Int { (4 + index & 3) << (4 + index >> 2) }
}

/// Calls `body` with scratch memory from the pool, for the duration of the call.
func withScratch<R>(byteCount: Int, _ body: (UnsafeMutableRawPointer) throws -> R) rethrows -> R {
  let block = MemoryPool.take(byteCount)
  defer { MemoryPool.giveBack(block, byteCount) }
  return try body(block)
}

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
