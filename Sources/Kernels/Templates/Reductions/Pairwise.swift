/// Partial results combined as a balanced tree, so that each passes through log₂(count) combinations, not count: the error of a
/// sum grows with the logarithm of its length.
@frozen
public struct Pairwise<F: Fold, V: Vector, let width: Int> {
  /// Works like a binary counter: level k holds the combination of 2ᵏ partial results where bit k of `count` is set. The last
  /// level accumulates whatever exceeds it: with blocks of a thousand elements, that begins at millions.
  public var levels: InlineArray<12, InlineArray<width, V>>
  public var count: Int

  @inlinable @inline(__always)
  public init(_: F.Type) {
    levels = InlineArray(repeating: InlineArray(repeating: V()))
    count = 0
  }

  @inlinable @inline(__always)
  public mutating func append(_ partial: InlineArray<width, V>) {
    var carried = partial
    var level = 0
    while level < 11 && (count &>> level) & 1 == 1 {
      for j in 0..<width { carried[j] = F.combine(levels[level][j], carried[j]) }
      level &+= 1
    }
    if level == 11 && count >= 1 &<< 11 {
      for j in 0..<width { carried[j] = F.combine(levels[level][j], carried[j]) }
    }
    levels[level] = carried
    count &+= 1
  }

  /// All partial results combined, the smallest levels first.
  @inlinable @inline(__always)
  public var result: InlineArray<width, V> {
    var total = InlineArray<width, V>(repeating: V(repeating: V.Scalar(F.identity)))
    var level = 0
    while level < 12 && (count &>> level) != 0 {
      if (count &>> level) & 1 == 1 || level == 11 {
        for j in 0..<width { total[j] = F.combine(levels[level][j], total[j]) }
      }
      level &+= 1
    }
    return total
  }
}
