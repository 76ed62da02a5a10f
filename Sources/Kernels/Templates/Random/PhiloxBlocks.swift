/// Consecutive blocks of a Philox, eight at a time: what all of them share, as vectors in memory.
///
/// In memory and behind a call, because of what the compiler knows to be the same in every lane it makes scalars, gathers those
/// into other vectors, and is three times as slow.
@usableFromInline
struct PhiloxBlocks {
  /// The next eight numbers, what is cut off from them and put in place of it, the stream's halves, and two keys for every round.
  @usableFromInline var vectors: InlineArray<25, SIMD8<UInt64>>

  /// From a number on, of which so many bits count; the others are those of `mark`.
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

  /// The words of the next so many times eight blocks, in their order.
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
    // Written out: the compiler leaves a loop of ten rounds a loop, and shuffles lanes to and fro in it.
    let eight = EightBlocks(number, number &>> 32, shared[3], shared[4])
      .round(shared + 5).round(shared + 7).round(shared + 9).round(shared + 11).round(shared + 13)
      .round(shared + 15).round(shared + 17).round(shared + 19).round(shared + 21).round(shared + 23)
    UnsafeMutableRawPointer(target + 16 &* i).storeBytes(of: eight.words, as: SIMD16<UInt64>.self)
    numbers &+= 8
  }
  shared[0] = numbers
}

/// The four 32-bit words of eight blocks, in the lower halves of the lanes. The upper halves mean nothing: products of 32 by 32
/// bits do not read them.
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
