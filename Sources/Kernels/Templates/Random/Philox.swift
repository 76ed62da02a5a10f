/// Philox 4x32-10 (Salmon, Moraes, Dror and Shaw, 2011): a function from a key and a counter to 128 bits that look random.
///
/// The blocks of one key are numbered. Block b is two 64-bit words, the words 2b and 2b + 1 of the stream. Integer operations
/// only: the words are the same on every machine.
public struct Philox: Sendable {
  public var key: UInt64
  /// The upper half of the counter. The lower half is the number of the block.
  public var stream: UInt64

  @inlinable @inline(__always)
  public init(key: UInt64, stream: UInt64) {
    self.key = key
    self.stream = stream
  }

  /// Both words of a block.
  @inlinable @inline(__always)
  public func block(_ number: UInt64) -> (UInt64, UInt64) {
    let low: UInt64 = 0xFFFF_FFFF
    var (x0, x1, x2, x3) = (number & low, number >> 32, stream & low, stream >> 32)
    var (k0, k1) = (key & low, key >> 32)
    for _ in 0..<10 {
      // The multipliers and the increments of the keys (the fractions of the golden ratio and of √3) are those of the paper.
      let (a, b) = (x0 &* 0xD251_1F53, x2 &* 0xCD9E_8D57)
      (x0, x1, x2, x3) = ((b >> 32) ^ x1 ^ k0, b & low, (a >> 32) ^ x3 ^ k1, a & low)
      (k0, k1) = ((k0 &+ 0x9E37_79B9) & low, (k1 &+ 0xBB67_AE85) & low)
    }
    return (x0 | x1 << 32, x2 | x3 << 32)
  }

  /// The word of the stream at a position.
  @inlinable @inline(__always)
  public func word(_ position: UInt64) -> UInt64 {
    let (first, second) = block(position >> 1)
    return position & 1 == 0 ? first : second
  }
}

/// Consecutive blocks of a Philox, eight at a time. All vectors that the blocks share are kept in memory.
///
/// They are in memory and behind a call on purpose: a vector that the compiler knows to be the same in every lane becomes a
/// scalar, which it gathers into other vectors, at a third of the speed.
@usableFromInline
struct PhiloxBlocks {
  /// 0: the next eight block numbers; 1: the mask of their valid bits; 2: the bits set instead of the others; 3 and 4: the
  /// halves of the stream; from 5 on: two keys for each of ten rounds.
  @usableFromInline var vectors: InlineArray<25, SIMD8<UInt64>>

  /// Begins at block `first`. Only the low `bits` bits of a block number count; `mark` provides the others.
  @inlinable @inline(__always)
  init(_ philox: Philox, from first: UInt64, bits: UInt64, mark: UInt64) {
    vectors = InlineArray(repeating: SIMD8(repeating: first) &+ SIMD8(0, 1, 2, 3, 4, 5, 6, 7))
    vectors[1] = SIMD8(repeating: (1 &<< bits) &- 1)
    vectors[2] = SIMD8(repeating: mark)
    vectors[3] = SIMD8(repeating: philox.stream)
    vectors[4] = SIMD8(repeating: philox.stream &>> 32)
    var (k0, k1) = (philox.key, philox.key &>> 32)
    for round in 0..<10 {
      vectors[5 &+ 2 &* round] = SIMD8(repeating: k0)
      vectors[6 &+ 2 &* round] = SIMD8(repeating: k1)
      (k0, k1) = (k0 &+ 0x9E37_79B9, k1 &+ 0xBB67_AE85)
    }
  }

  /// Writes the words of the next 8 · `count` blocks in their order.
  @inlinable @inline(__always)
  mutating func next<V: Vector>(_: V.Type, _ count: Int, into target: UnsafeMutablePointer<UInt64>) {
    withUnsafeMutableBytes(of: &vectors) { vectors in
      philoxBlocks(V.self, vectors.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: SIMD8<UInt64>.self), count, target)
    }
  }
}

@inlinable @inline(never)
func philoxBlocks<V: Vector>(
  _: V.Type, _ shared: UnsafeMutablePointer<SIMD8<UInt64>>, _ count: Int, _ target: UnsafeMutablePointer<UInt64>
) {
  var numbers = shared[0]
  for i in 0..<count {
    let number = (numbers & shared[1]) | shared[2]
    // Unrolled by hand: the compiler does not unroll a loop of ten rounds, and shuffles lanes inside it.
    let eight = EightBlocks(number, number &>> 32, shared[3], shared[4])
      .round(shared + 5).round(shared + 7).round(shared + 9).round(shared + 11).round(shared + 13)
      .round(shared + 15).round(shared + 17).round(shared + 19).round(shared + 21).round(shared + 23)
    UnsafeMutableRawPointer(target + 16 &* i).storeBytes(of: eight.words, as: SIMD16<UInt64>.self)
    numbers &+= 8
  }
  shared[0] = numbers
}

/// The four 32-bit words of eight blocks, in the low halves of the lanes. The high halves are garbage: a product of 32 by 32
/// bits does not read them.
@usableFromInline
struct EightBlocks {
  @usableFromInline let x0, x1, x2, x3: SIMD8<UInt64>

  @inlinable @inline(__always)
  init(_ x0: SIMD8<UInt64>, _ x1: SIMD8<UInt64>, _ x2: SIMD8<UInt64>, _ x3: SIMD8<UInt64>) {
    (self.x0, self.x1, self.x2, self.x3) = (x0, x1, x2, x3)
  }

  @inlinable @inline(__always)
  static var low: SIMD8<UInt64> { SIMD8(repeating: 0xFFFF_FFFF) }

  @inlinable @inline(__always)
  func round(_ keys: UnsafePointer<SIMD8<UInt64>>) -> EightBlocks {
    // A 64-bit product of two 32-bit numbers holds both halves that a round needs. The high half is not cleared: see above.
    let a = (x0 & Self.low) &* SIMD8(repeating: 0xD251_1F53)
    let b = (x2 & Self.low) &* SIMD8(repeating: 0xCD9E_8D57)
    return EightBlocks((b &>> 32) ^ x1 ^ keys[0], b, (a &>> 32) ^ x3 ^ keys[1], a)
  }

  /// The 64-bit words in their order.
  @inlinable @inline(__always)
  var words: SIMD16<UInt64> {
    var words = SIMD16<UInt64>()
    words.evenHalf = (x0 & Self.low) | x1 &<< 32
    words.oddHalf = (x2 & Self.low) | x3 &<< 32
    return words
  }
}
