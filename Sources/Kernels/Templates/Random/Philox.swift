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
