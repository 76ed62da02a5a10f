/// An unevaluated sum high + low with |low| at most half a unit in the last place of high: about twice the precision. Used
/// where a rounding error would be magnified (in an exponent) or would add up beyond the stated error bounds.
public struct Pair<V: Vector> {
  public var high: V
  public var low: V

  @inlinable @inline(__always)
  public init(_ high: V, _ low: V) {
    self.high = high
    self.low = low
  }

  @inlinable @inline(__always)
  public var value: V { high + low }

  /// a + b exactly, where |a| ≥ |b| or a = 0: Dekker's fast two-sum.
  @inlinable @inline(__always)
  public static func ordered(_ a: V, _ b: V) -> Pair {
    let sum = a + b
    return Pair(sum, b - (sum - a))
  }

  /// a + b exactly: Knuth's two-sum.
  @inlinable @inline(__always)
  public static func sum(_ a: V, _ b: V) -> Pair {
    let sum = a + b
    let second = sum - a
    return Pair(sum, (a - (sum - second)) + (b - second))
  }

  /// a · b exactly (float64 without fused instructions: to 2⁻¹⁰⁵).
  @inlinable @inline(__always)
  public static func product(_ a: V, _ b: V) -> Pair {
    // A fused multiply-add yields the rounding error of the product. Without it, Dekker's method: the factors are split into
    // halves whose products are exact (in float64 all but the last).
    let product = a * b
    if V.fuses { return Pair(product, a.multiplied(by: b, adding: product.negated)) }
    let mask = V.pattern(single: ~0xFFF, double: ~0x7FF_FFFF)
    let (aHead, bHead) = (V(bits: a.bits & mask), V(bits: b.bits & mask))
    let (aRest, bRest) = (a - aHead, b - bHead)
    return Pair(product, ((aHead * bHead - product) + aHead * bRest + aRest * bHead) + aRest * bRest)
  }

  /// a − q · b, exact where the difference is small against a.
  @inlinable @inline(__always)
  public static func residual(_ a: V, _ q: V, _ b: V) -> V {
    if V.fuses { return q.negated.multiplied(by: b, adding: a) }
    let product = product(q, b)
    return (a - product.high) - product.low
  }

  @inlinable @inline(__always)
  public static func + (a: Pair, b: Pair) -> Pair {
    let sum = sum(a.high, b.high)
    return ordered(sum.high, sum.low + (a.low + b.low))
  }

  @inlinable @inline(__always)
  public static func + (a: Pair, b: V) -> Pair {
    let sum = sum(a.high, b)
    return ordered(sum.high, sum.low + a.low)
  }

  @inlinable @inline(__always)
  public static func * (a: Pair, b: V) -> Pair {
    let product = product(a.high, b)
    return ordered(product.high, a.low.multiplied(by: b, adding: product.low))
  }

  @inlinable @inline(__always)
  public static func * (a: Pair, b: Pair) -> Pair {
    let product = product(a.high, b.high)
    let cross = a.low.multiplied(by: b.high, adding: a.high * b.low)
    return ordered(product.high, product.low + cross)
  }

  @inlinable @inline(__always)
  public static func / (a: Pair, b: Pair) -> Pair {
    // One division: the quotient of the high parts, then its remainder times the same reciprocal.
    let inverse = V.number(1) / b.high
    let q = a.high * inverse
    let rest = residual(a.high, q, b.high) + (a.low - q * b.low)
    return ordered(q, rest * inverse)
  }

  /// √(high + low), for a positive number.
  @inlinable @inline(__always)
  public var squareRoot: Pair {
    // The root of the high part, corrected by one Newton step.
    let root = high.squareRoot()
    let rest = Pair.residual(high, root, root) + low
    return Pair.ordered(root, rest / (root + root))
  }

  /// Both parts multiplied by a power of two, which is exact.
  @inlinable @inline(__always)
  public func scaled(by power: V) -> Pair { Pair(high * power, low * power) }

  @inlinable @inline(__always)
  public var negated: Pair { Pair(high.negated, low.negated) }
}
