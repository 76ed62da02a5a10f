/// Building blocks of the functions: constants for either element type, bit patterns and polynomials.
extension Vector {
  /// Whether the lanes are float32. Known at compile time once a kernel has its width.
  @inlinable @inline(__always)
  public static var isSingle: Bool { Scalar.self == Float.self }

  /// The number in every lane.
  @inlinable @inline(__always)
  public static func number(_ value: Double) -> Self { Self(repeating: Scalar(value)) }

  /// A constant that differs between float32 and float64: a bound, or a number rounded to each.
  @inlinable @inline(__always)
  public static func number(single: Double, double: Double) -> Self {
    isSingle ? number(single) : number(double)
  }

  @inlinable @inline(__always)
  public static func pattern(_ bits: Int64) -> Bits { Bits(repeating: Bits.Scalar(truncatingIfNeeded: bits)) }

  @inlinable @inline(__always)
  public static func pattern(single: Int64, double: Int64) -> Bits { isSingle ? pattern(single) : pattern(double) }

  /// The number of stored significand bits, which lie below the exponent.
  @inlinable @inline(__always)
  public static var significandBits: Int64 { isSingle ? 23 : 52 }

  @inlinable @inline(__always)
  public static var signMask: Bits { pattern(single: -0x8000_0000, double: .min) }

  /// 1.5 · 2²³ or 1.5 · 2⁵². Adding it to a number and subtracting it again rounds to an integer; after the addition, the low
  /// bits are that integer.
  @inlinable @inline(__always)
  public static var magic: Self { number(single: 0x1.8p23, double: 0x1.8p52) }

  @inlinable @inline(__always)
  public var magnitude: Self { Self(bits: bits & ~Self.signMask) }

  /// The sign bit alone.
  @inlinable @inline(__always)
  public var sign: Bits { bits & Self.signMask }

  /// −x, zeros too.
  @inlinable @inline(__always)
  public var negated: Self { Self(bits: bits ^ Self.signMask) }

  /// x with its sign flipped where the mask has the sign bit.
  @inlinable @inline(__always)
  public func flipped(by sign: Bits) -> Self { Self(bits: bits ^ sign) }

  /// 2ⁿ for n in the range of normal exponents.
  @inlinable @inline(__always)
  public static func power(ofTwo n: Bits) -> Self {
    Self(bits: (n &+ pattern(single: 127, double: 1023)) &<< pattern(significandBits))
  }

  /// c₀ + c₁x + c₂x² + … by Horner's rule, with coefficients for either element type.
  @inlinable @inline(__always)
  public static func polynomial<let N: Int, let M: Int>(
    _ x: Self, single: InlineArray<N, Double>, double: InlineArray<M, Double>
  ) -> Self {
    isSingle ? horner(x, single) : horner(x, double)
  }

  /// The same polynomial, evaluated as a polynomial in x² with the coefficients c₀ + c₁x, c₂ + c₃x, …. The dependency chain is
  /// half as long, and its latency is what limits these functions.
  @inlinable @inline(__always)
  public static func paired<let N: Int, let M: Int>(
    _ x: Self, single: InlineArray<N, Double>, double: InlineArray<M, Double>
  ) -> Self {
    isSingle ? paired(x, single) : paired(x, double)
  }

  @inlinable @inline(__always)
  static func paired<let N: Int>(_ x: Self, _ coefficients: InlineArray<N, Double>) -> Self {
    let square = x * x
    var i = (N &- 1) & ~1
    var sum = number(coefficients[i])
    if i &+ 1 < N { sum = x.multiplied(by: number(coefficients[i &+ 1]), adding: sum) }
    i &-= 2
    while i >= 0 {
      let pair = x.multiplied(by: number(coefficients[i &+ 1]), adding: number(coefficients[i]))
      sum = sum.multiplied(by: square, adding: pair)
      i &-= 2
    }
    return sum
  }

  @inlinable @inline(__always)
  static func horner<let N: Int>(_ x: Self, _ coefficients: InlineArray<N, Double>) -> Self {
    var sum = number(coefficients[N &- 1])
    var i = N &- 2
    while i >= 0 {
      sum = sum.multiplied(by: x, adding: number(coefficients[i]))
      i &-= 1
    }
    return sum
  }
}

/// Lane-wise selection.
extension Vector {
  /// a where the mask holds, b elsewhere.
  @inlinable @inline(__always)
  public static func choose(_ mask: Truth, _ a: Self, _ b: Self) -> Self {
    choose(bits: unsafeBitCast(mask, to: Bits.self), a, b)
  }

  /// a in lanes where all bits of the mask are set, b where none is.
  @inlinable @inline(__always)
  public static func choose(bits mask: Bits, _ a: Self, _ b: Self) -> Self {
    Self(bits: (a.bits & mask) | (b.bits & ~mask))
  }

  /// x where it is NaN, y elsewhere.
  @inlinable @inline(__always)
  public func keepingNaN(of x: Self) -> Self { Self.choose(Self.equal(x, x), self, x) }

  @inlinable @inline(__always)
  public static var infinity: Self { number(.infinity) }

  /// The smallest positive normal number.
  @inlinable @inline(__always)
  public static var leastNormal: Self { number(single: 0x1p-126, double: 0x1p-1022) }

  /// Whether any lane is larger than the limit in magnitude, or NaN.
  @inlinable @inline(__always)
  public func exceeds(_ limit: Self) -> Bool {
    // Non-negative floating-point numbers are ordered like their bit patterns, and NaN patterns are the largest: the difference
    // is negative exactly where |x| exceeds the limit or is NaN.
    let excess = (limit.bits &- magnitude.bits) & Self.signMask
    // Halves are combined until 128 bits are left, instead of testing lane by lane.
    switch MemoryLayout<Self>.size {
    case 64:
      let whole = unsafeBitCast(excess, to: SIMD8<UInt64>.self)
      let half = whole.lowHalf | whole.highHalf
      let quarter = half.lowHalf | half.highHalf
      return quarter[0] | quarter[1] != 0
    case 32:
      let half = unsafeBitCast(excess, to: SIMD4<UInt64>.self)
      let quarter = half.lowHalf | half.highHalf
      return quarter[0] | quarter[1] != 0
    default:
      let quarter = unsafeBitCast(excess, to: SIMD2<UInt64>.self)
      return quarter[0] | quarter[1] != 0
    }
  }
}
